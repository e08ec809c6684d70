"""The fold of a message depends on its text alone, so that nothing that is tested on was fitted on."""

from hashlib import sha256

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from training.split import PARTITIONS, Scheme, distinct_messages, fold, message_id

SCHEMA = "label string, text string, row_hash long"


def ids(spark: SparkSession, texts: list[str]) -> list[str]:
    frame = spark.createDataFrame([(text,) for text in texts], "text string")
    return [row["id"] for row in frame.select(message_id(F.col("text")).alias("id")).collect()]


def folds(messages: DataFrame, repeat: int = 0) -> dict[str, int]:
    dealt = distinct_messages(messages).withColumn("fold", fold(F.col("message_id"), Scheme(), repeat))
    return {row["message_id"]: row["fold"] for row in dealt.collect()}


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


def test_a_fold_is_the_hash_of_dealing_and_id(spark: SparkSession) -> None:
    identities, scheme = [f"{number:064x}" for number in range(20)], Scheme(7, 3)
    dealt = [fold(F.col("id"), scheme, repeat).alias(str(repeat)) for repeat in range(scheme.repeats)]
    found = spark.createDataFrame([(one,) for one in identities], "id string").select("id", *dealt).collect()
    for row in found:
        sums = [sha256(f"{repeat}:{row['id']}".encode()).hexdigest() for repeat in range(3)]
        assert [row["0"], row["1"], row["2"]] == [int(one[:12], 16) % 7 for one in sums]


def test_each_fold_has_about_a_fifth_and_another_dealing_mixes_them(spark: SparkSession) -> None:
    texts = spark.range(5000).select(message_id(F.concat(F.lit("message "), "id")).alias("id"))
    dealt = texts.select(*(fold(F.col("id"), Scheme(), repeat).alias(name) for repeat, name in enumerate("ab")))
    assert all(900 < row["count"] < 1100 for row in dealt.groupBy("a").count().collect())
    assert all(120 < row["count"] < 280 for row in dealt.groupBy("a", "b").count().collect())


def test_the_messages_lie_in_the_same_partitions_and_order_however_the_rows_lay(spark: SparkSession) -> None:
    """What iterates adds its sums in that order."""
    rows = [("ham" if number % 3 else "spam", f"message {number}", number) for number in range(500)]
    laid = [spark.createDataFrame(rows, SCHEMA), spark.createDataFrame(rows[::-1], SCHEMA).repartition(7)]
    one, other = (
        distinct_messages(frame).select("message_id", F.spark_partition_id(), F.monotonically_increasing_id()).collect()
        for frame in laid
    )
    assert one == other
    assert len({row[1] for row in one}) == PARTITIONS


@pytest.mark.parametrize(("number", "repeats"), [(1, 1), (5, 0)])
def test_a_scheme_that_tests_nothing_is_refused(number: int, repeats: int) -> None:
    with pytest.raises(ValueError, match=f"{number} folds, {repeats} times"):
        Scheme(number, repeats)


def test_duplicates_become_one_row_that_counts_them(spark: SparkSession) -> None:
    messages = [
        ("ham", "See you", 5),
        ("ham", "see  YOU", -7),
        ("ham", "Bye", 1),
        ("spam", "WIN", 2**62),
        ("spam", "win", 2**62),
    ]
    hashed = {text: int(sha256(f"{label}\n{text}".encode()).hexdigest()[:15], 16) for label, text, _ in messages}
    found = distinct_messages(spark.createDataFrame(messages, SCHEMA)).select(
        "label", "spam", "text", "copies", "hashes"
    )
    assert sorted(tuple(row) for row in found.collect()) == [
        ("ham", 0.0, "Bye", 1, hashed["Bye"]),
        ("ham", 0.0, "See you", 2, hashed["See you"] + hashed["see  YOU"]),
        ("spam", 1.0, "WIN", 2, hashed["WIN"] + hashed["win"]),
    ]


def test_a_text_with_two_labels_stays_in_one_fold(spark: SparkSession) -> None:
    texts = [f"offer {number}" for number in range(20)]
    both = [(label, text, 0) for text in texts for label in ("ham", "spam")]
    found = (
        distinct_messages(spark.createDataFrame(both, SCHEMA))
        .withColumn("fold", fold(F.col("message_id"), Scheme(), 0))
        .groupBy("message_id")
        .agg(F.count_distinct("label").alias("labels"), F.count_distinct("fold").alias("folds"))
    )
    assert {(row["labels"], row["folds"]) for row in found.collect()} == {(2, 1)}


def test_a_message_stays_in_its_fold_when_others_come(spark: SparkSession) -> None:
    early = [("ham", f"message {number}", 0) for number in range(50)]
    late = [("spam", f"MESSAGE  {number}", 0) for number in range(25, 100)]
    before = folds(spark.createDataFrame(early, SCHEMA))
    after = folds(spark.createDataFrame(late + early, SCHEMA))
    assert set(before.values()) == set(range(5))
    assert {identity: after[identity] for identity in before} == before
