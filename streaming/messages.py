"""The rows of the table `messages`: what was parsed, where it came from, and features of the text."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.tables import MESSAGES

_URL = r"(?i)\b(?:https?://|www\.)\S+|\b[a-z0-9-]+\.(?:com|net|org|co\.uk|tv|biz|info)\b"
_CURRENCY = r"(?i)[£$€¥]\s?\d|\b\d+(?:\.\d+)?\s?(?:pounds?|dollars?|euros?|quid|p(?:/|\b))"


def messages(outcomes: DataFrame, batch_id: int, cleaner_version: str) -> DataFrame:
    """The messages inside the outcomes of one micro-batch, in the columns of `MESSAGES`."""
    rows = outcomes.select(
        F.explode("messages").alias("message"),
        F.col("key").alias("source_key"),
        F.col("version").alias("source_version"),
        F.col("etag").alias("source_etag"),
        "kafka_partition",
        "kafka_offset",
        "landed_at",
    )
    return (
        rows.select("message.*", *[name for name in rows.columns if name != "message"])
        .withColumns(features(F.col("text")))
        .withColumns({"batch_id": F.lit(batch_id), "cleaner_version": F.lit(cleaner_version)})
        .to(MESSAGES.schema)
    )


def features(text: Column) -> dict[str, Column]:
    """Features of a message: its length, digits, share of capitals, and whether it names a URL or an amount of money."""
    length = F.char_length(text)
    return {
        "length": length,
        "digits": F.regexp_count(text, F.lit(r"\d")),
        "upper_share": F.regexp_count(text, F.lit(r"\p{Lu}")) / length,
        "has_url": F.regexp_like(text, F.lit(_URL)),
        "has_currency": F.regexp_like(text, F.lit(_CURRENCY)),
    }
