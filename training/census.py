"""What a table version holds: the number of messages of each kind, and the digest that identifies its data."""

from collections.abc import Iterable
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from training.errors import DataError
from training.split import Scheme, fold

LABELS = ("ham", "spam")
LEAST_FOLDS = 2


@dataclass(frozen=True)
class Census:
    """Rows of the table, distinct messages among them, and how many of these are spam.

    `digest` is the row count and the sum of the hashes of label and text, computed from the rows as read. It depends on neither
    order nor file layout, and any changed text changes it, whatever hash is stored beside the text.
    """

    rows: int
    distinct: int
    distinct_spam: int
    digest: str


def take(messages: DataFrame, scheme: Scheme, source: str) -> Census:
    """Counts the output of `distinct_messages`; `source` names the table version in errors.

    Raises `DataError` when the version is empty, holds a row without text or with an unknown label, or when a label is
    missing or lies in a single fold: the model that is tested on that fold would be fitted without it.
    """
    groups = (
        messages.groupBy("label", F.isnull("message_id").alias("textless"))
        .agg(
            F.count("*").alias("messages"),
            F.sum("copies").alias("copies"),
            F.sum("hashes").alias("hashes"),
            F.array(*(_folds(scheme, repeat) for repeat in range(scheme.repeats))).alias("folds"),
        )
        .collect()
    )
    _check(groups, source)
    rows, hashes = _total(groups, "copies"), _total(groups, "hashes")
    spam = _total((group for group in groups if group["label"] == "spam"), "messages")
    return Census(rows, _total(groups, "messages"), spam, f"{rows}:{hashes}")


def _folds(scheme: Scheme, repeat: int) -> Column:
    return F.size(F.collect_set(fold(F.col("message_id"), scheme, repeat)))


def _check(groups: list[Row], source: str) -> None:
    if not groups:
        raise DataError(f"{source} is empty. Land a page first, or name a later version.")
    strange = [group for group in groups if group["label"] not in LABELS or group["textless"]]
    if strange:
        raise DataError(
            f"{source} has {_total(strange, 'copies')} rows without text or with a label that is neither ham nor spam "
            f"({', '.join(sorted({repr(group['label']) for group in strange}))}). Is it `messages`?"
        )
    if len(groups) < len(LABELS):
        raise DataError(f"{source} has only {groups[0]['label']}; both ham and spam are needed. Name a later version.")
    for group in groups:
        if min(group["folds"]) < LEAST_FOLDS:
            raise DataError(
                f"{source} has {group['messages']} distinct {group['label']}, in one fold only; at least two folds must have "
                "some. Name a later version, or another number of folds."
            )


def _total(groups: Iterable[Row], column: str) -> int:
    return sum(int(group[column]) for group in groups)
