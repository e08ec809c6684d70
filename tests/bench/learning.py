"""Spark beside scikit-learn as the data grow: `python -m tests.bench.learning` (P9 of docs/performance.md).

The same messages, words, signs, folds and smoothing; each message as often as it takes, with a number behind it, so that all are different texts.
What is timed is fitting and testing each fold, in a session that has done it before.
"""

import re
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import pandas as pd
import psutil
import typer
from pydantic import SecretStr
from pyspark.ml import PipelineModel
from pyspark.ml.feature import StopWordsRemover
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from sklearn.feature_extraction.text import CountVectorizer  # type: ignore[import-untyped]  # it ships no types
from sklearn.naive_bayes import MultinomialNB  # type: ignore[import-untyped]  # it ships no types

from conf import jvm, session
from conf.settings import S3Access
from tests.bench.results import Json, counted, keep
from tests.exported import messages
from tests.stack.ports import free_ports
from training import crossvalidation, evaluation, words
from training.algorithms import Algorithm
from training.signs import SIGNS, START
from training.split import Scheme, distinct_messages, fold
from training.vocabulary import LEAST_MESSAGES

MOST_AT_THE_LARGEST = 3
POINTS = 0.002
"""How far AUC and F1 may lie apart."""
SCHEME = Scheme()
SMOOTHING = 0.3
# Python's `re` knows no \p: letters and digits are what \w has beside the underscore, and punctuation what is neither, nor a space.
WORD = re.compile(r"<\w+>|(?:[^\W_]|')+|(?:_|[^\w\s'<]){1,2}")
MARKS = [(re.compile(pattern), f" <{mark}> ") for mark, pattern in words.MARKS.items()]

Sizes = Annotated[list[int], typer.Option(help="How often each message is there.")]


def main(sizes: Sizes = [1, 100, 1000], json: Json = None) -> None:  # noqa: B006  # typer copies it
    """Each size by both, the smallest twice: the first time warms up."""
    found: list[dict[str, Any]] = []
    nobody = S3Access("http://127.0.0.1:1", "nobody", SecretStr("nothing"))
    [port] = free_ports(1)
    with TemporaryDirectory(prefix="learning-") as folder:
        spark = session.start(
            "learning", nobody, port, Path(folder), session.launching({"spark.driver.memory": "4g"} | jvm.launch())
        )
        base = spark.createDataFrame(messages())
        for size in (min(sizes), *sizes):
            found.append(compared(base, size, Path(folder, "same")))
            print(found[-1], flush=True)
        spark.stop()
    ratios = [one["spark"] / one["scikit-learn"] for one in found[1:]]
    falls = all(later < earlier for earlier, later in pairwise(ratios))
    close = all(
        abs(one["metrics"]["spark"][name] - one["metrics"]["scikit-learn"][name]) <= POINTS
        for one in found
        for name in ("auc", "f1")
    )
    told = ", ".join(f"{size}x: {ratio:.2f}" for size, ratio in zip(sizes, ratios, strict=True))
    print(
        f"Spark to scikit-learn {told}, {'falls' if falls else 'DOES NOT FALL'}; metrics {'agree' if close else 'DIFFER'}"
    )
    largest = f"fitting and testing {sizes[-1]} times the data, beside scikit-learn"
    keep(json, [counted("P9", largest, ratios[-1], most=MOST_AT_THE_LARGEST)], {"sizes": found})


def compared(base: DataFrame, size: int, place: Path) -> dict[str, Any]:
    """Seconds and metrics of both; the second gets the messages as Parquet at `place`, for Java could not hold all of them at once."""
    copies = base.sparkSession.range(size).select(F.col("id").alias("copy"))
    text_of_copy = F.when(F.col("copy") > 0, F.concat_ws(" ", "text", F.col("copy").cast("string"))).otherwise(
        F.col("text")
    )
    data = distinct_messages(base.crossJoin(copies).withColumn("text", text_of_copy)).cache()
    rows = data.count()
    since = time.monotonic()
    split = PipelineModel(words.splitters(characters=False)).transform(data).cache()
    tested = evaluation.measure(crossvalidation.predict(Algorithm.NAIVE_BAYES, split, SCHEME))
    split.unpersist()
    took = time.monotonic() - since
    peak = (
        sum(process.memory_info().rss for process in (psutil.Process(), *psutil.Process().children(recursive=True)))
        >> 20
    )
    dealt = fold(F.col("message_id"), SCHEME, 0).alias("fold")
    data.select("message_id", "spam", "text", dealt).write.mode("overwrite").parquet(str(place))
    data.unpersist()
    same = pd.read_parquet(place)
    since = time.monotonic()
    theirs = by_scikit_learn(same, StopWordsRemover.loadDefaultStopWords("english"))
    return {
        "size": size, "messages": rows, "spark": round(took, 2), "scikit-learn": round(time.monotonic() - since, 2),
        "memory MB": peak,
        "metrics": {"spark": _told(tested), "scikit-learn": _told(theirs)},
    }  # fmt: skip


def by_scikit_learn(messages: pd.DataFrame, stop: Sequence[str]) -> evaluation.Metrics:
    """The same steps, as one would write them there."""
    ignored = frozenset(stop)

    def analyzed(message: str) -> list[str]:
        marked = message.lower()
        for pattern, mark in MARKS:
            marked = pattern.sub(mark, marked)
        return [word for word in WORD.findall(marked) if word not in ignored] + signs_of(message)

    tokens = messages["text"].map(analyzed)
    scores = messages[["message_id", "spam"]].assign(probability=0.0)
    for number in range(SCHEME.folds):
        tested = messages["fold"] == number
        counter = CountVectorizer(analyzer=list, min_df=LEAST_MESSAGES, binary=True)
        model = MultinomialNB(alpha=SMOOTHING).fit(counter.fit_transform(tokens[~tested]), messages["spam"][~tested])
        scores.loc[tested, "probability"] = model.predict_proba(counter.transform(tokens[tested]))[:, 1]
    return evaluation.measure(scores.assign(prediction=(scores["probability"] > 0.5).astype(float)))


def signs_of(message: str) -> list[str]:
    """As `training.signs.tokens`."""
    counted = {name: len(re.findall(sign.pattern, message)) // sign.step for name, sign in SIGNS.items()}
    return [f"{START}{name}{min(number, SIGNS[name].most)}>" for name, number in counted.items()]


def _told(metrics: evaluation.Metrics) -> dict[str, float]:
    return {"auc": round(metrics.auc, 4), "f1": round(metrics.f1, 4)}


if __name__ == "__main__":
    typer.run(main)
