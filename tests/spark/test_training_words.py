"""What a model counts: words, and marks in the place of addresses, amounts and numbers."""

import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame, SparkSession

from training.errors import DataError
from training.words import counter, splitters

TEXTS = {
    "Free entry to WIN!!": ["free", "entry", "win"],
    "don't you're o'clock": ["o'clock"],
    "see http://a.bc/d?e=1 or www.xyz.tv now": ["see", "<url>", "<url>"],
    "wap.prize.co.uk/claim wins": ["<url>", "wins"],
    "mail me@home.com today": ["mail", "<email>", "today"],
    "won £1,000.50 or $5 or 150p/msg or 10 pounds": ["<money>", "<money>", "<money>", "<money>"],
    "call 09061 701461 or +44 7700 900123": ["call", "<phone>", "<phone>"],
    "text STOP to 87121": ["text", "stop", "<shortcode>"],
    "at 7 on 12 May": ["<number>", "<number>", "may"],
    "caf\u00e9 na\u00efve \u00dcber": ["caf\u00e9", "na\u00efve", "\u00fcber"],
    "?!": [],
}


def split(spark: SparkSession, texts: list[str]) -> DataFrame:
    frame = spark.createDataFrame([(text,) for text in texts], "text string")
    return PipelineModel(splitters()).transform(frame)


def test_a_text_becomes_lower_case_words_and_marks_without_stop_words(spark: SparkSession) -> None:
    found = {
        row["text"]: [word for word in row["kept"] if word != "won"] for row in split(spark, list(TEXTS)).collect()
    }
    assert found == TEXTS


def test_the_vocabulary_has_the_words_of_two_messages_the_commonest_first_then_by_name(spark: SparkSession) -> None:
    words = split(spark, ["beta alpha beta", "gamma alpha", "gamma beta delta", "gamma delta once once"])
    assert counter(words).vocabulary == ["gamma", "alpha", "beta", "delta"]


def test_the_vocabulary_does_not_depend_on_how_rows_are_partitioned(spark: SparkSession) -> None:
    texts = [f"word{number % 37} word{number % 41} word{number % 43}" for number in range(200)]
    marked = split(spark, [text.replace("word", "w") for text in texts])
    assert len({tuple(counter(marked.repartition(parts)).vocabulary) for parts in (1, 2, 5)}) == 1


def test_messages_without_a_common_word_teach_nothing(spark: SparkSession) -> None:
    with pytest.raises(DataError, match="No word occurs in two"):
        counter(split(spark, ["alpha", "beta"]))
