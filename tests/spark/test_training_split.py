"""The side of a message depends on its text alone, so that nothing that is tested on was fitted on."""

from hashlib import sha256

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from training.split import distinct_messages, in_test_fold, message_id

SCHEMA = "label string, text string, row_hash long"


def ids(spark: SparkSession, texts: list[str]) -> list[str]:
    frame = spark.createDataFrame([(text,) for text in texts], "text string")
    return [row["id"] for row in frame.select(message_id(F.col("text")).alias("id")).collect()]


def sides(messages: DataFrame) -> dict[str, bool]:
    return {row["message_id"]: row["in_test"] for row in distinct_messages(messages).collect()}


@pytest.mark.parametrize(
    ("text", "normal_form"),
    [
        ("hello", "hello"),
        ("Hello THERE", "hello there"),
        ("  hello \t\n there ", "hello there"),
        ("hello\u00a0there\u2028you", "hello there you"),
        ("Gruß GRUSS", "gruss gruss"),
        ("£5 & more!", "£5 & more!"),
    ],
)
def test_a_message_is_known_by_its_text_without_case_and_kind_of_space(
    spark: SparkSession, text: str, normal_form: str
) -> None:
    assert ids(spark, [text]) == [sha256(normal_form.encode()).hexdigest()]


def test_texts_that_differ_in_a_character_are_different_messages(spark: SparkSession) -> None:
    assert len(set(ids(spark, ["win 1", "win 2", "win1", "win"]))) == 4


@pytest.mark.parametrize(
    ("identity", "in_test"),
    [("0" * 64, True), ("33333332" + "f" * 56, True), ("33333333" + "0" * 56, False), ("f" * 64, False)],
)
def test_the_lowest_fifth_of_all_ids_is_tested_on(spark: SparkSession, identity: str, in_test: bool) -> None:
    frame = spark.createDataFrame([(identity,)], "id string")
    assert frame.select(in_test_fold(F.col("id"))).collect() == [(in_test,)]


def test_of_many_messages_about_a_fifth_is_tested_on(spark: SparkSession) -> None:
    texts = spark.range(5000).select(F.concat(F.lit("message "), "id").alias("text"))
    assert 900 < texts.where(in_test_fold(message_id(F.col("text")))).count() < 1100


def test_duplicates_become_one_row_that_counts_them(spark: SparkSession) -> None:
    messages = [
        ("ham", "See you", 5),
        ("ham", "see  YOU", -7),
        ("ham", "Bye", 1),
        ("spam", "WIN", 2**62),
        ("spam", "win", 2**62),
    ]
    found = distinct_messages(spark.createDataFrame(messages, SCHEMA)).select(
        "label", "spam", "text", "copies", "hashes"
    )
    assert sorted(tuple(row) for row in found.collect()) == [
        ("ham", 0.0, "Bye", 1, 1),
        ("ham", 0.0, "See you", 2, -2),
        ("spam", 1.0, "WIN", 2, 2**63),
    ]


def test_a_text_with_two_labels_stays_on_one_side(spark: SparkSession) -> None:
    texts = [f"offer {number}" for number in range(20)]
    both = [(label, text, 0) for text in texts for label in ("ham", "spam")]
    found = (
        distinct_messages(spark.createDataFrame(both, SCHEMA))
        .groupBy("message_id")
        .agg(F.count_distinct("label").alias("labels"), F.count_distinct("in_test").alias("sides"))
    )
    assert {(row["labels"], row["sides"]) for row in found.collect()} == {(2, 1)}


def test_a_message_stays_on_its_side_when_others_come(spark: SparkSession) -> None:
    early = [("ham", f"message {number}", 0) for number in range(50)]
    late = [("spam", f"MESSAGE  {number}", 0) for number in range(25, 100)]
    before = sides(spark.createDataFrame(early, SCHEMA))
    after = sides(spark.createDataFrame(late + early, SCHEMA))
    assert set(before.values()) == {True, False}
    assert {identity: after[identity] for identity in before} == before
