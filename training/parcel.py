"""What MLflow is to keep of a training, as a folder: whole before MLflow is asked for anything, so no work is lost with it."""

import fcntl
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from training.errors import TrainingError

ARTIFACTS = "artifacts"
MODEL = "model"
_ABOUT = "about.json"
_LOCK = "lock"
_PARTIAL = ".partial"


@dataclass(frozen=True)
class About:
    """What is said of a training beside its files. Times are milliseconds since 1970."""

    training: str
    name: str
    """Of the experiment, and of the registered model."""
    began: int
    ended: int
    table: str
    version: int
    digest: str
    """Of the rows that were read."""
    parameters: dict[str, str]
    tags: dict[str, str]
    run_tags: dict[str, str]
    """What the run has beside the tags, and the model's version has not."""
    metrics: dict[str, float]


@dataclass(frozen=True)
class Parcel:
    """A finished training that MLflow does not have yet, or not all of it."""

    folder: Path
    about: About

    @property
    def artifacts(self) -> Path:
        """The files of the run."""
        return self.folder / ARTIFACTS

    @property
    def model(self) -> Path:
        """The model in MLflow's format, which names no run yet."""
        return self.folder / MODEL

    def remove(self) -> None:
        """MLflow has it all."""
        shutil.rmtree(self.folder)


def pack(place: Path, about: About, fill: Callable[[Path], None]) -> Parcel:
    """The parcel with the files that `fill` puts into `artifacts` and `model`: there as a whole, or not at all."""
    partial = place / f"{about.training}{_PARTIAL}"
    try:
        (partial / ARTIFACTS).mkdir(parents=True)
        fill(partial)
        (partial / _ABOUT).write_text(json.dumps(asdict(about), indent=1) + "\n")
        folder = partial.rename(place / about.training)
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise TrainingError(
            f"The result cannot be kept in {place}: {error.strerror or error}. Nothing was given to MLflow."
        ) from error
    return Parcel(folder, about)


def waiting(place: Path) -> list[Parcel]:
    """Those that nobody has delivered, the oldest first."""
    found = [_read(file.parent) for file in place.glob(f"*/{_ABOUT}") if file.parent.suffix != _PARTIAL]
    return sorted(found, key=lambda one: one.about.began)


def _read(folder: Path) -> Parcel:
    try:
        return Parcel(folder, About(**json.loads((folder / _ABOUT).read_text())))
    except (TypeError, ValueError) as error:
        raise TrainingError(
            f"{folder / _ABOUT} cannot be read: {error}. Was it written by another version? That one can deliver it."
        ) from error


@contextmanager
def held(parcel: Parcel) -> Iterator[bool]:
    """Whether it is ours to deliver until the block ends: at any time one process has it, and none that has died."""
    try:
        lock = (parcel.folder / _LOCK).open("w")
    except FileNotFoundError:
        # Delivered meanwhile.
        yield False
        return
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
