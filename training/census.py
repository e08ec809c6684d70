"""What a table version holds: how many messages of which kind, and the digest that identifies its data."""

from collections.abc import Iterable
from dataclasses import dataclass

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from training.errors import DataError

LABELS = ("ham", "spam")


@dataclass(frozen=True)
class Census:
    """Rows of the table, distinct messages among them, and how many of these are fitted on and tested on.

    `digest` is row count and sum of the row hashes: it depends on neither order nor file layout.
    """

    rows: int
    distinct: int
    fit_messages: int
    test_messages: int
    digest: str


def take(messages: DataFrame, source: str) -> Census:
    """Counts the output of `distinct_messages`; `source` names the table version in errors.

    Raises `DataError` when the version is empty, holds a row without text or with an unknown label, or when one of the
    two sides lacks one of the two labels.
    """
    groups = (
        messages.groupBy("in_test", "label")
        .agg(F.count("*").alias("messages"), F.sum("copies").alias("copies"), F.sum("hashes").alias("hashes"))
        .collect()
    )
    _check(groups, source)
    rows, hashes = _total(groups, "copies"), _total(groups, "hashes")
    fit = _total((group for group in groups if not group["in_test"]), "messages")
    distinct = _total(groups, "messages")
    return Census(rows, distinct, fit, distinct - fit, f"{rows}:{hashes}")


def _check(groups: list[Row], source: str) -> None:
    if not groups:
        raise DataError(f"{source} is empty. Land a page first, or name a later version.")
    strange = [group for group in groups if group["label"] not in LABELS or group["in_test"] is None]
    if strange:
        raise DataError(
            f"{source} has {_total(strange, 'copies')} rows without text or with a label that is neither ham nor spam "
            f"({', '.join(sorted({repr(group['label']) for group in strange}))}). Is it `messages`?"
        )
    for in_test, side in ((False, "fitting"), (True, "testing")):
        labels = {group["label"] for group in groups if group["in_test"] is in_test}
        if len(labels) < len(LABELS):
            found = f"only {labels.pop()}" if labels else "no message"
            raise DataError(f"{source} has {found} for {side}; both ham and spam are needed. Name a later version.")


def _total(groups: Iterable[Row], column: str) -> int:
    return sum(int(group[column]) for group in groups)
