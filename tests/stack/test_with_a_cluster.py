"""The query and the trainer on a standalone cluster: a master and a worker as processes of this machine, the driver outside.

It comes after the whole path, whose tables it adds to.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from tenacity import retry, stop_after_delay, wait_fixed

from conf.local.processes import MARK
from conf.machine import ROOT
from tests.stack.conftest import BIN, Stack
from tests.stack.ports import free_ports
from tests.stack.spark_ui import executors
from tests.stack.test_whole_path import outcome, put

pytestmark = pytest.mark.timeout(1800)  # two trainings on a busy machine

DEPLOY = "org.apache.spark.deploy"


@pytest.fixture
def cluster(stack: Stack, tmp_path: Path) -> Iterator[Stack]:
    """The stack with its query on the cluster; afterwards the query is back where it was."""
    master, *pages = map(str, free_ports(3))
    with ExitStack() as running:
        words = {
            "master": f"--port {master} --webui-port {pages[0]}",
            "worker": f"--webui-port {pages[1]} --cores 4 --memory 3g --work-dir {tmp_path} spark://127.0.0.1:{master}",
        }
        for kind, options in words.items():
            command = [
                str(BIN / "spark-class"),
                f"{DEPLOY}.{kind}.{kind.title()}",
                "--host",
                "127.0.0.1",
                *options.split(),
            ]
            # With the stack's mark `lake down` would find it, should this test be killed.
            variables = os.environ | stack.variables | {MARK: str(stack.home)}
            out = running.enter_context((tmp_path / f"{kind}.log").open("w"))
            process = running.enter_context(subprocess.Popen(command, env=variables, stdout=out, stderr=out, cwd=ROOT))
            running.callback(process.terminate)
        await_worker(f"http://127.0.0.1:{pages[0]}/json/")
        on_cluster = stack.where(SPARK_MASTER=f"spark://127.0.0.1:{master}")
        on_cluster.run("lake", "up")
        yield on_cluster
        stack.run("lake", "up")


@retry(stop=stop_after_delay(120), wait=wait_fixed(0.5), reraise=True)
def await_worker(page: str) -> None:
    """The master knows the worker."""
    [worker] = httpx.get(page).json()["workers"]
    assert worker["state"] == "ALIVE"


def test_rows_are_loaded_and_a_model_is_trained_by_the_worker(cluster: Stack, tmp_path: Path) -> None:
    cluster.wait()
    here = cluster.where(SPARK_MASTER="local[2,4]").train(tmp_path)
    there = cluster.train(tmp_path)
    same = ("version", "digest", "predictions_digest", "auc", "f1")
    assert [there[name] for name in same] == [here[name] for name in same]

    version = put(cluster, "on-a-cluster.csv", b"v1,v2,,,\nham,computed elsewhere,,,\neggs,not a label,,,\n")
    entry = outcome(cluster, version)
    assert (entry["state"], entry["rows_loaded"], entry["rows_quarantined"]) == ("loaded", 1, 1)
    assert sum(one["completedTasks"] for one in executors(cluster.settings)) > 0
    assert cluster.audit()["clean"]
