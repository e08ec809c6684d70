"""Opening the feed of a stack: what was settled at the first start holds at every later one."""

import os
import time
from hashlib import sha256
from pathlib import Path

from conf.settings import Settings
from source_api import dataset
from source_api.accumulation import ALL_AT_ONCE, Accumulation
from source_api.errors import DatasetError, StoreConflictError
from source_api.feed import Feed
from source_api.pages import ruled
from source_api.positions import Positions, Terms

REMEDY = "or start a new stack: another LAKE_HOME, or with `docker compose -p` another project"


def opened(settings: Settings) -> Feed:
    """The feed as its position store left it; a new store is settled on the dataset and page size of the settings.

    The dataset is copied beside the store, so that neither a moved file nor a download that works again changes what
    a running stack hands out. Raises `DatasetError` or `StoreConflictError`.
    """
    folder = settings.state / "source_api"
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / "dataset.csv"
    positions = Positions(folder / "positions.sqlite")
    try:
        terms = positions.terms() or _settled(positions, copy, settings)
        _agree(terms, settings)
        return Feed(terms, ruled(_kept(copy, terms)), positions, _accumulation(positions, settings))
    except BaseException:
        positions.close()
        raise


def _accumulation(positions: Positions, settings: Settings) -> Accumulation:
    rate = settings.source.records_per_minute
    return Accumulation(rate, positions.since(time.time())) if rate else ALL_AT_ONCE


def _settled(positions: Positions, copy: Path, settings: Settings) -> Terms:
    data = dataset.chosen(settings)
    _write(copy, data.content)
    terms = Terms(data.name, data.origin, data.seed, data.sha256, settings.source.page_records)
    positions.settle(terms)
    return terms


def _agree(terms: Terms, settings: Settings) -> None:
    """Raises `StoreConflictError` where the settings ask for something else than the store was settled on."""
    source = settings.source
    if source.page_records != terms.page_records:
        raise StoreConflictError(
            f"SOURCE_PAGE_RECORDS={source.page_records}, but this stack counts in pages of "
            f"{terms.page_records} records. Set it to {terms.page_records}, {REMEDY}."
        )
    if source.sms_spam_csv is not None and (data := dataset.given(source.sms_spam_csv)).sha256 != terms.sha256:
        raise StoreConflictError(
            f"SMS_SPAM_CSV={source.sms_spam_csv} has sha256 {data.sha256}, but this stack hands out {terms.dataset} "
            f"({terms.origin}) with sha256 {terms.sha256}. Unset it or name that file, {REMEDY}."
        )
    if source.sms_spam_csv is None and terms.seed not in (None, source.seed):
        raise StoreConflictError(
            f"SOURCE_SEED={source.seed}, but this stack hands out the corpus of seed {terms.seed}. "
            f"Set it to {terms.seed}, {REMEDY}."
        )


def _kept(copy: Path, terms: Terms) -> bytes:
    content = copy.read_bytes() if copy.exists() else b""
    if sha256(content).hexdigest() != terms.sha256:
        raise DatasetError(
            f"{copy} is {'not the file it was' if copy.exists() else 'missing'}: expected {terms.dataset} "
            f"({terms.origin}) with sha256 {terms.sha256}. Put it back, {REMEDY}."
        )
    return content


def _write(path: Path, content: bytes) -> None:
    """The file is on disk, whole, when this returns: the store that names it is written after it."""
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        file.write(content)
        os.fsync(file.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
