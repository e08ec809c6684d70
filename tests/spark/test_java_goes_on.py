"""Java has room for what Spark compiles for as long as a query runs; where its memory is full it ends, and does not live on in part."""

import re
import subprocess

import pytest
from py4j.protocol import Py4JError  # type: ignore[import-untyped]  # it ships no types
from pyspark import SparkConf
from pyspark.java_gateway import launch_gateway

from conf import jvm
from conf.machine import TOOLS

BOTH_COMPILERS = 240 * 2**20
"""What Java itself gives to both of its compilers."""
OUT_OF_MEMORY = 3
"""How Java ends by itself then."""
PATIENCE_SECONDS = 60


def test_one_compiler_has_the_room_that_java_gives_to_two() -> None:
    java = str(TOOLS / "java" / "bin" / "java")
    command = [java, *jvm.fast_options().split(), "-XX:+PrintFlagsFinal", "-version"]
    flags = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    [room] = re.findall(r"ReservedCodeCacheSize\s*=\s*(\d+)", flags)
    assert int(room) >= BOTH_COMPILERS


def test_a_thread_without_memory_ends_java_and_with_it_whoever_waits() -> None:
    settings = {"spark.driver.memory": "512m"} | jvm.launch()
    # Not the JVM of the other tests.
    gateway = launch_gateway(SparkConf(loadDefaults=False).setAll(list(settings.items())))  # type: ignore[no-untyped-call]
    with gateway.proc as java:
        try:
            # What comes first: no answer, or no Java any more to ask again.
            with pytest.raises((Py4JError, ConnectionError)):
                gateway.new_array(gateway.jvm.long, 2**30)
            assert java.wait(PATIENCE_SECONDS) == OUT_OF_MEMORY
        finally:
            java.kill()
