"""A training compiles nothing that runs once, and what it does compile while it waits for something else."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from conf.machine import ROOT
from training import startup
from training.split import Scheme

# 24 are; 57 where Spark compiles what reads the log, 33 where nothing was counted before (measured).
MOST_COMPILED = 28


def test_nothing_is_compiled_for_the_log_and_what_a_census_takes_is_there(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.spark.compiled", str(tmp_path)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    found = json.loads(said.splitlines()[-1])
    assert found["before"] > 0, found
    assert found["read"] <= MOST_COMPILED, found


@pytest.mark.parametrize("before", [None, "FALLBACK"])
def test_spark_compiles_again_afterwards_also_after_a_failure(spark: SparkSession, before: str | None) -> None:
    if before:
        spark.conf.set(startup.FACTORY, before)
    own, inside = spark.conf.get(startup.FACTORY, None), []

    def failing() -> None:
        with startup.interpreting(spark):
            inside.append(spark.conf.get(startup.FACTORY))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    assert inside == ["NO_CODEGEN"]
    assert spark.conf.get(startup.FACTORY, None) == own
    spark.conf.unset(startup.FACTORY)


def test_what_fails_while_it_compiles_is_not_hidden(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise ArithmeticError("nothing is invented")

    monkeypatch.setattr("training.census.groups", fails)
    with pytest.raises(ArithmeticError, match="invented"), startup.census_compiling(spark, Scheme()):
        pass
