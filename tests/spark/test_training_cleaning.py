"""What the cleaner did, and what a model goes by, as the notebook shows them."""

import math

import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from training import algorithms, cleaning, telling, words
from training.algorithms import Algorithm

ROWS = [
    (None, "plain", "plain"),
    (None, "another", "another"),
    ("mac_roman", "Â£5 now", "£5 now"),
    ("mac_roman", "Â£5", "£5"),
    ("mac_roman", "Â£50 and more", "£50 and more"),
    ("spilled_columns+mac_roman", "a,Â£", "a,£"),
]


def test_each_rule_is_counted_and_rows_that_came_clean(spark: SparkSession) -> None:
    rows = spark.createDataFrame(ROWS, "repair string, text_raw string, text string")
    assert cleaning.repairs(rows).to_records(index=False).tolist() == [
        ("mac_roman", 4),
        ("as it came", 2),
        ("spilled_columns", 1),
    ]


def test_the_shortest_examples_of_each_combination_are_shown(spark: SparkSession) -> None:
    rows = spark.createDataFrame(ROWS, "repair string, text_raw string, text string")
    assert cleaning.examples(rows, each=2).to_records(index=False).tolist() == [
        ("mac_roman", "Â£5", "£5"),
        ("mac_roman", "Â£5 now", "£5 now"),
        ("spilled_columns+mac_roman", "a,Â£", "a,£"),
    ]


@pytest.mark.usefixtures("few_iterations")
@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_the_surest_word_of_spam_comes_first_and_that_of_ham_last(spark: SparkSession, algorithm: Algorithm) -> None:
    texts = [(1.0, "prize both"), (0.0, "lunch both")] * 10
    messages = spark.createDataFrame(texts, "spam double, text string").withColumn("message_id", F.col("text"))
    split = PipelineModel(words.splitters(characters=False)).transform(messages).coalesce(1).cache()
    found = telling.tokens(algorithms.fit(algorithm, split, ["prize", "both", "lunch"]))
    assert found["token"].tolist() == ["prize", "both", "lunch"]
    assert found["weight"].is_monotonic_decreasing
    if algorithm is Algorithm.NAIVE_BAYES:
        # Smoothing 0.3 over three tokens: 10.3 of 20.9 against 0.3 of 20.9.
        assert found["weight"].tolist() == pytest.approx([math.log(10.3 / 0.3), 0.0, -math.log(10.3 / 0.3)])
    assert telling.ends(found, 1)["token"].tolist() == ["prize", "lunch"]
