"""Which messages a model is fitted on and which it is tested on: decided by the text alone.

The messages are dealt into folds. Each fold is tested on once, by a model that was fitted on all others. Duplicates of a
text never lie in two folds, and a message stays in its fold in every version of the table.
"""

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

# Fitting adds floating-point numbers partition by partition: the number of partitions must not depend on the machine.
PARTITIONS = 2


@dataclass(frozen=True)
class Scheme:
    """How often the messages are dealt, and into how many folds. Raises `ValueError` below two folds or one dealing."""

    folds: int = 5
    repeats: int = 1

    def __post_init__(self) -> None:
        if self.folds < 2 or self.repeats < 1:  # noqa: PLR2004  # one side to fit on, one to test on
            raise ValueError(f"{self.folds} folds, {self.repeats} times: at least 2 folds and 1 time are needed.")


def normal_form(text: Column) -> Column:
    """The text without what makes no difference: case, and the amount and kind of white space.

    Upper and then lower case makes ß equal ss. The two are not nested directly: Spark's optimizer would leave out the
    inner. Compatibility forms (NFKC) are left as they are: Spark has no function for them, and in the SMS Spam Collection
    folding them merges no two messages.
    """
    return F.lower(F.trim(F.regexp_replace(F.upper(text), r"[\s\x85\p{Z}]+", " ")))


def message_id(text: Column) -> Column:
    """SHA-256 of the normal form in UTF-8, as 64 hexadecimal digits."""
    return F.sha2(normal_form(text), 256)


def fold(identity: Column, scheme: Scheme, repeat: int) -> Column:
    """The message's fold, from 0 to `scheme.folds` - 1, in this dealing: from the hash of the dealing's number and its id."""
    dealt = F.sha2(F.concat(F.lit(f"{repeat}:"), identity), 256)
    return (F.conv(F.substring(dealt, 1, 12), 16, 10).cast("long") % scheme.folds).cast("int")


def content_hash(label: Column, text: Column) -> Column:
    """60 bits of the SHA-256 of label and text in UTF-8: any number of such hashes can be added up.

    They are added because with xor two equal rows would cancel out. The line end separates the two: no label has one.
    """
    digest = F.sha2(F.concat(label, F.lit("\n"), text), 256)
    return F.conv(F.substring(digest, 1, 15), 16, 10).cast("decimal(38,0)")


def distinct_messages(messages: DataFrame) -> DataFrame:
    """One row for each normal form and label; one text that carries two labels is two rows in the same fold.

    Turns `label` and `text` into `message_id`, `label`, `spam` (1.0 or 0.0), `text` (the smallest of its spellings),
    `copies` (rows of the table) and `hashes` (sum of their contents' hashes). Sorted, in partitions that depend on
    nothing but the ids.
    """
    return (
        messages.groupBy(message_id(F.col("text")).alias("message_id"), "label")
        .agg(
            F.min("text").alias("text"),
            F.count("*").alias("copies"),
            F.sum(content_hash(F.col("label"), F.col("text"))).alias("hashes"),
        )
        .select(
            "message_id",
            "label",
            (F.col("label") == "spam").cast("double").alias("spam"),
            "text",
            "copies",
            "hashes",
        )
        .repartition(PARTITIONS, "message_id")
        .sortWithinPartitions("message_id", "label")
    )
