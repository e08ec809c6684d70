"""A folder with what MLflow is to keep of a training. It is whole before MLflow is asked for anything, so MLflow can lose no work."""

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from training.errors import TrainingError

ARTIFACTS = "artifacts"
MODEL = "model"
NONE_WAITS = "MLflow has all trainings."
_ABOUT = "about.json"
_BEGUN = ".begun"
_PARTIAL = ".partial"


@dataclass(frozen=True)
class About:
    """The metadata of a training, beside its files. Times are milliseconds since 1970."""

    training: str
    name: str
    """The name of the experiment and of the registered model."""
    began: int
    ended: int
    table: str
    version: int
    digest: str
    """The digest of the rows that were read."""
    parameters: dict[str, str]
    tags: dict[str, str]
    run_tags: dict[str, str]
    """Further tags, which the run has and the model's version has not."""
    metrics: dict[str, float]


@dataclass(frozen=True)
class Parcel:
    """A finished training that MLflow does not have yet, or has only in part."""

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
        """Remove the folder: MLflow has it all."""
        shutil.rmtree(self.folder)


@contextmanager
def packed(place: Path, about: About, fill: Callable[[Path], None]) -> Iterator[Parcel]:
    """The parcel with the files that `fill` puts into `artifacts` and `model`: there as a whole, or not at all.

    It is ours from the moment when others can see it until the block ends. Half-packed leftovers of killed trainings go.
    """
    _sweep(place)
    begun, partial = (place / f"{about.training}{suffix}" for suffix in (_BEGUN, _PARTIAL))
    with ExitStack() as ours:
        try:
            (begun / ARTIFACTS).mkdir(parents=True)
            # Nobody sweeps it before it is locked.
            ours.enter_context(_locked(begun))
            begun.rename(partial)
            fill(partial)
            (partial / _ABOUT).write_text(json.dumps(asdict(about), indent=1) + "\n")
            _sync(partial)
            folder = partial.rename(place / about.training)
        except OSError as error:
            shutil.rmtree(partial, ignore_errors=True)
            raise TrainingError(
                f"The result cannot be kept in {place}: {error.strerror or error}. Nothing was given to MLflow."
            ) from error
        yield Parcel(folder, about)


def waiting(place: Path) -> list[Parcel]:
    """The parcels that nobody has delivered, the oldest first, without those that are `unreadable`."""
    found = [one for one in _every(place).values() if isinstance(one, Parcel)]
    return sorted(found, key=lambda one: one.about.began)


def unreadable(place: Path) -> dict[str, str]:
    """By its folder's name, why a parcel cannot be read: a damaged one, or one of another version."""
    return {name: one for name, one in _every(place).items() if isinstance(one, str)}


def _every(place: Path) -> dict[str, Parcel | str]:
    folders = sorted(file.parent for file in place.glob(f"*/{_ABOUT}") if file.parent.suffix != _PARTIAL)
    return {folder.name: found for folder in folders if (found := _read(folder))}


def _read(folder: Path) -> Parcel | str | None:
    """The parcel, or why it cannot be read; None when it was delivered meanwhile."""
    file = folder / _ABOUT
    try:
        return Parcel(folder, About(**json.loads(file.read_text())))
    except FileNotFoundError:
        return None
    except (TypeError, ValueError, OSError) as error:
        return (
            f"{file} cannot be read: {error}. If another version wrote it, that one can deliver it. If it is damaged, remove {folder} "
            "and train again."
        )


def _sync(folder: Path) -> None:
    """All its files are on the disk. Without this a power cut can leave empty ones behind in a folder that has its last name."""
    for file in folder.rglob("*"):
        if file.is_file():
            with file.open("rb") as one:
                os.fsync(one.fileno())


@contextmanager
def held(parcel: Parcel) -> Iterator[bool]:
    """Whether it is ours to deliver until the block ends: one process at a time has it, and a dead one never does."""
    with _locked(parcel.folder) as ours:
        yield ours


def _sweep(place: Path) -> None:
    for partial in place.glob(f"*{_PARTIAL}"):
        with _locked(partial) as abandoned:
            if abandoned:
                shutil.rmtree(partial, ignore_errors=True)


@contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Whether the folder is there and no other process has it. The lock is on the folder itself, so it moves with it."""
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        yield False
        return
    try:
        # The process that had the folder may have removed it before it let go.
        yield _take(lock) and folder.exists()
    finally:
        os.close(lock)


def _take(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
