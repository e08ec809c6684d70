"""The dataset that is handed out: the real export where it can be had, else a generated corpus that says so."""

import logging
import re
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from conf.settings import Settings
from source_api import download
from source_api.corpus.messages import export
from source_api.errors import DatasetError, DownloadError
from source_api.pages import ruled
from source_api.positions import Origin

EXPORT = "sms-spam-collection"
HEADER = re.compile(rb"v1,v2,*\r?\n")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Dataset:
    """A file to hand out, under a short name that fits a header; `seed` is that of a generated one."""

    name: str
    origin: Origin
    seed: int | None
    content: bytes = field(repr=False)

    @cached_property
    def sha256(self) -> str:
        return sha256(self.content).hexdigest()


def chosen(settings: Settings) -> Dataset:
    """The file that SMS_SPAM_CSV names; else the export, downloaded before or now; else the generated corpus.

    Raises `DatasetError` when SMS_SPAM_CSV is set and cannot be used: a file that was asked for is never replaced.
    """
    if settings.source.sms_spam_csv is not None:
        return given(settings.source.sms_spam_csv)
    try:
        content = download.fetched(settings.home / "datasets", settings.source.download_seconds)
    except DownloadError as error:
        log.warning("No real dataset: %s. Handing out a GENERATED corpus, seed %d.", error, settings.source.seed)
        return generated(settings.source.seed)
    return Dataset(EXPORT, "real", None, content)


def given(path: Path) -> Dataset:
    """The file a user named. Raises `DatasetError` when it cannot be read or is not the export's format."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DatasetError(f"SMS_SPAM_CSV={path}: {error.strerror}. Name a readable file, or unset it.") from error
    _check(content, path)
    if sha256(content).hexdigest() == download.SHA256:
        return Dataset(EXPORT, "real", None, content)
    name = re.sub(r"[^A-Za-z0-9]+", "-", path.stem).strip("-") or "dataset"
    return Dataset(name, "real", None, content)


def generated(seed: int) -> Dataset:
    """The corpus that stands in where no dataset can be had."""
    return Dataset(f"generated-{seed}", "generated", seed, export(seed))


def _check(content: bytes, path: Path) -> None:
    if not HEADER.match(content):
        first = content.splitlines()[0][:80] if content else b""
        raise DatasetError(f"SMS_SPAM_CSV={path}: its first line is {first!r}, expected b'v1,v2,,,' and a line end.")
    if ruled(content).records == 0:
        raise DatasetError(f"SMS_SPAM_CSV={path}: it has a header and no records. Name a file that has some.")
