"""Java has room for what Spark compiles for as long as a query runs; where its memory is full or a thread dies it ends: it never lives on in part."""

import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from py4j.protocol import Py4JError  # type: ignore[import-untyped]  # it ships no types
from pyspark import SparkConf
from pyspark.java_gateway import launch_gateway

from conf import jvm, session
from conf.machine import TOOLS

BOTH_COMPILERS = 240 * 2**20
"""What Java itself gives to both of its compilers."""
OUT_OF_MEMORY = 3
"""How Java ends by itself then."""
THREAD_DIED = 50
"""How Spark ends Java then."""
PATIENCE_SECONDS = 60


def test_one_compiler_has_the_room_that_java_gives_to_two() -> None:
    java = str(TOOLS / "java" / "bin" / "java")
    command = [java, *jvm.fast_options().split(), "-XX:+PrintFlagsFinal", "-version"]
    flags = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    [room] = re.findall(r"ReservedCodeCacheSize\s*=\s*(\d+)", flags)
    assert int(room) >= BOTH_COMPILERS


def test_a_thread_without_memory_ends_java_and_with_it_whoever_waits() -> None:
    with _java({"spark.driver.memory": "512m"}) as gateway:
        # What comes first: no answer, or no Java any more to ask again.
        with pytest.raises((Py4JError, ConnectionError)):
            gateway.new_array(gateway.jvm.long, 2**30)
        assert gateway.proc.wait(PATIENCE_SECONDS) == OUT_OF_MEMORY


def test_a_thread_that_dies_ends_java_and_with_it_whoever_waits() -> None:
    with _java({}) as gateway:
        session.end_with_any_thread(gateway)
        concurrent = gateway.jvm.java.util.concurrent
        never, seconds = concurrent.CompletableFuture(), concurrent.TimeUnit.SECONDS
        _dying_thread(gateway.jvm).start()
        with pytest.raises((Py4JError, ConnectionError)):
            never.get(PATIENCE_SECONDS, seconds)
        assert gateway.proc.wait(PATIENCE_SECONDS) == THREAD_DIED


def test_while_a_query_is_stopped_java_outlives_its_threads() -> None:
    with _java({}) as gateway:
        session.end_with_any_thread(gateway)
        session.outlive_threads(gateway)
        thread = _dying_thread(gateway.jvm)
        thread.start()
        thread.join()
        assert gateway.proc.poll() is None
        assert gateway.jvm.java.lang.System.nanoTime()


@contextmanager
def _java(settings: Mapping[str, str]) -> Iterator[Any]:
    """A JVM as the query has it, and not that of the other tests."""
    launch = SparkConf(loadDefaults=False).setAll(list({**settings, **jvm.launch()}.items()))
    gateway = launch_gateway(launch)  # type: ignore[no-untyped-call]
    with gateway.proc as java:
        try:
            yield gateway
        finally:
            java.kill()


def _dying_thread(java: Any) -> Any:
    """A thread that does nothing but throw an error of Java itself."""
    error, handles = java.java.lang.LinkageError("tried"), java.java.lang.invoke.MethodHandles
    throw = handles.throwException(java.java.lang.Void.TYPE, error.getClass()).bindTo(error)
    runnable = java.java.lang.Class.forName("java.lang.Runnable")
    return java.java.lang.Thread(java.java.lang.invoke.MethodHandleProxies.asInterfaceInstance(runnable, throw))
