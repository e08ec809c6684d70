"""Disks that are full for real: a small file system on one folder, and a file in it that takes all that is left."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

PIECES = (1 << 16, 1 << 12, 1)
"""Large ones first, then the last bytes."""


@dataclass(frozen=True)
class Disk:
    """The file system that is mounted on this folder."""

    folder: Path

    def fill(self) -> None:
        """Not one byte is left."""
        with self._ballast.open("ab", buffering=0) as file:
            for size in PIECES:
                _write_all_it_takes(file.fileno(), size)

    def free(self) -> None:
        """There is room again."""
        self._ballast.unlink(missing_ok=True)

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Disk]:
    """A file system of its own on this folder meanwhile. Skips the test where nobody may mount one."""
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"a disk that can be filled needs root, who may mount a tmpfs: {mounted.stderr.strip()}")
    try:
        yield Disk(folder)
    finally:
        # Lazily: a process that was killed may still hold a file.
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _write_all_it_takes(file: int, size: int) -> None:
    try:
        while True:
            os.write(file, bytes(size))
    except OSError:
        return
