"""What a model looks for: words and punctuation, and marks in the place of addresses, amounts and numbers."""

import time

import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from training.errors import DataError
from training.vocabulary import Vocabulary
from training.words import splitters

TEXTS = {
    "Free entry to WIN!!": ["free", "entry", "win", "!!"],
    "don't you're o'clock": ["o'clock"],
    "see http://a.bc/d?e=1 or www.xyz.tv now": ["see", "<url>", "<url>"],
    "wap.prize.co.uk/claim wins": ["<url>", "wins"],
    "mail me@home.com today": ["mail", "<email>", "today"],
    "<ann.bell+sms@mail.example.co.uk>, a@b@c.org": ["<email>", ">,", "@", "<email>"],
    "won £1,000.50 or $5 or 150p/msg or 10 pounds": ["<money>", "<money>", "<money>", "<money>"],
    "call 09061 701461 or +44 7700 900123": ["call", "<phone>", "<phone>"],
    "text STOP to 87121": ["text", "stop", "<shortcode>"],
    "at 7 on 12 May": ["<number>", "<number>", "may"],
    "caf\u00e9 na\u00efve \u00dcber": ["caf\u00e9", "na\u00efve", "\u00fcber"],
    "ok?! ~*~ :-) \U0001f600 a_b <b": ["ok", "?!", "~*", "~", ":-", ")", "\U0001f600", "_", "b", "b"],
    "\u00a0 <": [],
}


# Texts of a megabyte, of what the patterns look for. Each takes seconds; where a pattern looks back at each character, hours.
LONG = {
    "a host name of 500,000 parts": "a." * 500_000,
    "an address of one run": "a" * 1_000_000,
    "addresses that do not end": "a@" * 500_000,
    "an address of dots": "a@" + "." * 1_000_000,
    "hyphens": "-a" * 500_000,
    "digits and points": "1." * 500_000,
    "digits and hyphens": "1" + "-" * 1_000_000,
}
PATIENCE_SECONDS = 60


def split(spark: SparkSession, texts: list[str], *, characters: bool = False) -> DataFrame:
    frame = spark.createDataFrame([(text,) for text in texts], "text string")
    return PipelineModel(splitters(characters=characters)).transform(frame)


def known(split: DataFrame, folds: int = 0, without: int | None = None) -> list[str]:
    return [token for token in Vocabulary(split, folds).without(without) if not token.startswith("<#")]


def test_a_text_becomes_lower_case_words_and_marks_without_stop_words(spark: SparkSession) -> None:
    found = {
        row["text"]: [word for word in row["kept"] if word != "won"] for row in split(spark, list(TEXTS)).collect()
    }
    assert found == TEXTS


@pytest.mark.parametrize("shape", LONG)
def test_a_text_of_a_megabyte_is_split_in_seconds(spark: SparkSession, shape: str) -> None:
    """An overflow of Java's stack would end the JVM."""
    since = time.monotonic()
    [row] = split(spark, [LONG[shape]], characters=True).selectExpr("size(tokens) AS tokens").collect()
    assert row["tokens"] > 0
    assert time.monotonic() - since < PATIENCE_SECONDS


def test_the_vocabulary_has_the_words_of_two_messages_the_commonest_first_then_by_name(spark: SparkSession) -> None:
    words = split(spark, ["beta alpha beta", "gamma alpha", "gamma beta delta", "gamma delta once once"])
    assert known(words) == ["gamma", "alpha", "beta", "delta"]


def test_the_vocabulary_does_not_depend_on_how_rows_are_partitioned(spark: SparkSession) -> None:
    texts = [f"word{number % 37} word{number % 41} word{number % 43}" for number in range(200)]
    marked = split(spark, [text.replace("word", "w") for text in texts])
    assert len({tuple(known(marked.repartition(parts))) for parts in (1, 2, 5)}) == 1


def test_messages_without_a_common_word_teach_nothing(spark: SparkSession) -> None:
    with pytest.raises(DataError, match="No word occurs in two"):
        known(split(spark, ["alpha", "beta"]))


def test_the_vocabulary_of_a_side_knows_nothing_of_the_fold_that_is_tested(spark: SparkSession) -> None:
    """`alpha` is in two messages of fold 0 and in one other: without fold 0 it is known from one message only."""
    texts = ["beta alpha", "alpha gamma", "alpha beta gamma", "beta gamma"]
    dealt = split(spark, texts).withColumn("fold", F.when(F.col("text").isin(*texts[:2]), 0).otherwise(1))
    assert known(dealt, 2, without=0) == ["beta", "gamma"]
    assert known(dealt, 2, without=1) == ["alpha"]
    assert known(dealt, 2) == ["alpha", "beta", "gamma"]


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("", ["<#length0>", "<#shouted0>", "<#capitals0>", "<#digits0>"]),
        ("x\n" * 10, ["<#length1>", "<#shouted0>", "<#capitals0>", "<#digits0>"]),
        ("WIN a HUGE Prize 123456", ["<#length1>", "<#shouted2>", "<#capitals1>", "<#digits2>"]),
        ("AB1 " * 100, ["<#length8>", "<#shouted0>", "<#capitals8>", "<#digits6>"]),
    ],
)
def test_a_text_has_one_token_for_each_sign(spark: SparkSession, text: str, signs: list[str]) -> None:
    [row] = split(spark, [text]).collect()
    assert [token for token in row["tokens"] if token.startswith("<#")] == signs


def test_the_parts_of_words_are_runs_of_four_characters_but_not_of_marks(spark: SparkSession) -> None:
    [row] = split(spark, ["prize 87121 ok"], characters=True).collect()
    parts = ["~pri", "priz", "rize", "ize~", "~ok~"]
    assert row["tokens"][: len(row["kept"])] == ["prize", "<shortcode>", "ok"]
    assert row["tokens"][-len(parts) :] == parts
