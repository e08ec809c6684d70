"""The pins of a training and of its repetition: no vacuum takes the version that they read."""

from datetime import UTC, datetime, timedelta

from conf.versions import pins
from conf.versions.address import Address
from conf.versions.pins import Pin
from training import snapshot
from training.request import Request

# Longer than any repetition takes. Its pin must end by itself: a training's user may remove none.
REPETITION = timedelta(days=1)


def for_training(address: Address, request: Request, days: float) -> None:
    """The version is kept for this many days; 0 means for ever. Raises `SnapshotError`."""
    until = datetime.now(UTC) + timedelta(days=days) if days else None
    who = f"training {request.training}"
    snapshot.pin(
        address, Pin(version=request.version, id=request.training, who=who, why="a model is trained on it", until=until)
    )


def for_repetition(address: Address, version: int, run_id: str) -> None:
    """The version is kept while a run is repeated. A pin is made only if no other one holds it for that long. Raises `SnapshotError`."""
    until = datetime.now(UTC) + REPETITION
    with snapshot.asked(address):
        held = pins.holding(pins.every(address), until)
    if version not in held:
        who = f"repetition of {run_id}"
        snapshot.pin(address, Pin(version=version, who=who, why="its training is repeated", until=until))
