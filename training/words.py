"""From a text to the words that are counted. Only Spark's own functions, so that the saved model needs none of our code."""

from pyspark.ml import Transformer
from pyspark.ml.feature import CountVectorizerModel, RegexTokenizer, SQLTransformer, StopWordsRemover
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from training.errors import DataError

# Things that are rarely written twice in the same way, but say what a message is about. Tried in this order.
MARKS = {
    "email": r"\S+@\S+\.\w+",
    "url": r"(https?://|www\.)\S+|\b([\w-]+\.)+(com|co\.uk|net|org|uk|tv|biz|info)\b\S*",
    "money": r"[£$€]\s?\d[\d.,]*\w*|\b\d+(\.\d+)?\s?(p|ppm|pence|pounds?|quid)\b(/\w+)?",
    "phone": r"\+?\d[\d -]{8,}\d",
    "shortcode": r"\b\d{5,6}\b",
    "number": r"\d+",
}

# A mark, or a run of letters, digits and apostrophes.
WORD = r"<\w+>|[\p{L}\p{N}']+"

# A word that occurs in one message only is no evidence about others.
LEAST_MESSAGES = 2
LARGEST_VOCABULARY = 1 << 18


def marked(column: str) -> str:
    """The SQL expression that puts `<url>`, `<money>` and so on in the place of what the marks describe, in lower case."""
    expression = f"lower({column})"
    for mark, pattern in MARKS.items():
        expression = f"regexp_replace({expression}, r'{pattern}', ' <{mark}> ')"
    return expression


def splitters() -> list[Transformer]:
    """Stages that turn the column `text` into the column `kept`: its words in order, without English stop words."""
    return [
        SQLTransformer(statement=f"SELECT *, {marked('text')} AS marked FROM __THIS__"),  # noqa: S608  # constants only
        RegexTokenizer(inputCol="marked", outputCol="words", pattern=WORD, gaps=False),
        StopWordsRemover(inputCol="words", outputCol="kept"),
    ]


def counter(messages: DataFrame) -> CountVectorizerModel:
    """Turns `kept` into `features`: how often each word of the vocabulary of these messages occurs.

    The same messages give the same vocabulary in the same order; `CountVectorizer.fit` leaves open how words of equal
    frequency are ordered. Raises `DataError` when no word occurs in two messages.
    """
    vocabulary = [row["word"] for row in _vocabulary(messages).collect()]
    if not vocabulary:
        raise DataError("No word occurs in two of the messages to fit on. Land more pages, or name a later version.")
    return CountVectorizerModel.from_vocabulary(vocabulary, inputCol="kept", outputCol="features")


def _vocabulary(messages: DataFrame) -> DataFrame:
    return (
        messages.select(F.explode(F.array_distinct("kept")).alias("word"))
        .groupBy("word")
        .agg(F.count("*").alias("messages"))
        .where(F.col("messages") >= LEAST_MESSAGES)
        .orderBy(F.desc("messages"), "word")
        .limit(LARGEST_VOCABULARY)
    )
