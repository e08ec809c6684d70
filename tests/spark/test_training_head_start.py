"""A training's first reading compiles nothing that runs once, and finds the case mappings made."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from conf.machine import ROOT
from training import head_start

# 33 are; 61 where Spark compiles what reads the table's log (measured).
MOST_COMPILED = 40


def test_case_mappings_are_made_early_and_nothing_is_compiled_for_the_log(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.spark.first_reading", str(tmp_path)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    found = json.loads(said.splitlines()[-1])
    assert found["cases"], found
    assert found["compiled"] <= MOST_COMPILED, found


@pytest.mark.parametrize("before", [None, "FALLBACK"])
def test_spark_compiles_again_afterwards_also_after_a_failure(spark: SparkSession, before: str | None) -> None:
    if before:
        spark.conf.set(head_start.FACTORY, before)
    own, inside = spark.conf.get(head_start.FACTORY, None), []

    def failing() -> None:
        with head_start.interpreting(spark):
            inside.append(spark.conf.get(head_start.FACTORY))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    assert inside == ["NO_CODEGEN"]
    assert spark.conf.get(head_start.FACTORY, None) == own
    spark.conf.unset(head_start.FACTORY)
