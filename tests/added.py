"""Which file of a table in a folder a version brought."""

from pathlib import Path

from conf.versions import history
from conf.versions.address import Address


def added(address: Address, version: int) -> Path:
    """The one file that this version added."""
    before = {one.path for one in history.files_of(address, version - 1)}
    [path] = [one.path for one in history.files_of(address, version) if one.path not in before]
    return Path(str(address), path)
