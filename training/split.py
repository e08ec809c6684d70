"""Which messages a model is fitted on and which it is tested on: decided by the text alone.

Duplicates of a text never lie on both sides, and a message stays on its side in every version of the table.
"""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

# Of all SHA-256 sums, one in five is smaller than this, read as hexadecimal digits.
TEST_BELOW = "33333333"

# Fitting adds floating-point numbers partition by partition: their number may not depend on the machine.
PARTITIONS = 2


def normal_form(text: Column) -> Column:
    """The text without what makes no difference: case, and the amount and kind of white space.

    Upper and then lower case makes ß equal ss; not one right around the other, where Spark's optimizer leaves out the
    inner. Compatibility forms (NFKC) are left as they are: Spark has no function for them, and in the SMS Spam Collection
    folding them merges no two messages.
    """
    return F.lower(F.trim(F.regexp_replace(F.upper(text), r"[\s\x85\p{Z}]+", " ")))


def message_id(text: Column) -> Column:
    """SHA-256 of the normal form in UTF-8, as 64 hexadecimal digits."""
    return F.sha2(normal_form(text), 256)


def in_test_fold(identity: Column) -> Column:
    """True for about a fifth of all message ids."""
    return identity < TEST_BELOW


def distinct_messages(messages: DataFrame) -> DataFrame:
    """One row for each normal form and label; one text that carries two labels is two rows on the same side.

    From `label`, `text`, `row_hash` to `message_id`, `label`, `spam` (1.0 or 0.0), `text` (the smallest of its spellings),
    `in_test`, `copies` (rows of the table) and `hashes` (sum of their row hashes). Sorted, in partitions that depend on
    nothing but the ids.
    """
    return (
        messages.groupBy(message_id(F.col("text")).alias("message_id"), "label")
        .agg(
            F.min("text").alias("text"),
            F.count("*").alias("copies"),
            F.sum(F.col("row_hash").cast("decimal(38,0)")).alias("hashes"),
        )
        .select(
            "message_id",
            "label",
            (F.col("label") == "spam").cast("double").alias("spam"),
            "text",
            in_test_fold(F.col("message_id")).alias("in_test"),
            "copies",
            "hashes",
        )
        .repartition(PARTITIONS, "message_id")
        .sortWithinPartitions("message_id", "label")
    )
