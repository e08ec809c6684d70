"""The stack in containers, proven on a real engine: whole path, kills during the load, restart, rights, secrets.

The tests share one stack and run in the order in which they are written.
"""

import signal
import time
from collections.abc import Iterator
from dataclasses import replace

import httpx
import psutil
import pytest

from conf.first_start.secrets import is_secret
from conf.settings import Settings
from tests.compose.conftest import Compose
from tests.stack.ports import free_ports
from tests.stack.spark_ui import environment, executors

pytestmark = pytest.mark.timeout(3600)

SERVICES = {
    "minio",
    "kafka",
    "postgres",
    "source-api",
    "airflow-api-server",
    "airflow-scheduler",
    "airflow-dag-processor",
    "mlflow",
    "spark-history",
    "streaming",
    "jupyter",
}

KILLED = 128 + signal.SIGKILL
"""How a container ends that did not stop when it was asked to."""


def say(*words: object) -> None:
    """Into the log of the proof."""
    print(*words, flush=True)


def test_every_service_is_healthy(stack: Compose) -> None:
    healthy = stack.healthy()
    for name, state in sorted(healthy.items()):
        say(f"{name}: {state}")
    assert healthy == dict.fromkeys(SERVICES, "healthy")


def test_it_takes_no_more_time_and_memory_than_the_readme_states(stack: Compose) -> None:
    """Bounds for any machine, several times what two cores were measured to take."""
    memory = stack.memory()
    say(f"healthy after {stack.healthy_after:.0f} s, {memory:.1f} GiB in all")
    assert stack.healthy_after < 600
    assert memory < 4


def test_all_ports_are_published_on_127_0_0_1(stack: Compose) -> None:
    published = {
        (name, binding["HostIp"], int(binding["HostPort"]))
        for name, one in stack.containers().items()
        for bindings in one["HostConfig"]["PortBindings"].values()
        for binding in bindings
    }
    for name, address, port in sorted(published):
        say(f"{name}: {address}:{port}")
    assert {address for _, address, _ in published} == {"127.0.0.1"}
    ports = {port for _, _, port in published}
    listening = {
        (connection.laddr.ip, connection.laddr.port)
        for connection in psutil.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port in ports
    }
    assert listening == {("127.0.0.1", port) for port in ports}


def test_containers_have_no_more_rights_than_they_need(stack: Compose) -> None:
    for name, one in stack.containers().items():
        host = one["HostConfig"]
        assert one["Config"]["User"] == "10001:10001", name
        assert host["ReadonlyRootfs"], name
        assert host["CapDrop"] == ["ALL"], name
        assert host["SecurityOpt"] == ["no-new-privileges:true"], name
        assert not host["Privileged"], name
        assert host["Memory"] > 0, name
        assert host["LogConfig"]["Config"] == {"max-size": "10m", "max-file": "3"}, name
        assert host["RestartPolicy"]["Name"] == ("unless-stopped" if name in SERVICES else "no"), name


@pytest.mark.parametrize("secret", ["MINIO_ROOT_PASSWORD", "JUPYTER_TOKEN", "MLFLOW_ADMIN_PASSWORD"])
def test_a_known_default_is_refused_by_name(stack: Compose, secret: str) -> None:
    answer = stack.run("run", "--rm", "--no-deps", "-e", f"{secret}=changeme", "init-stores", check=False)
    assert answer.returncode == 1
    assert f"{secret} is a well-known default" in answer.stderr + answer.stdout


@pytest.mark.parametrize("victim", sorted(SERVICES))
def test_a_killed_container_comes_back(stack: Compose, victim: str) -> None:
    """Everything in the container but its first process is killed; the restart policy does the rest.

    The pages land meanwhile: what was lost or doubled shows in the audit afterwards.
    """
    before = stack.containers()[victim]["RestartCount"]
    audit = stack.lake("audit")
    assert audit["remaining"] > 0
    stack.docker.run("exec", stack.containers()[victim]["Id"], "sh", "-c", "kill -9 -1", check=False)
    for _ in range(300):
        state = stack.containers()[victim]
        if state["RestartCount"] > before and state["State"]["Health"]["Status"] == "healthy":
            break
        time.sleep(1)
    else:
        raise AssertionError(stack.run("logs", "--tail", "40", victim).stdout)
    say(f"killed {victim} when {audit['landed']} pages had landed; it is healthy again")


def test_then_nothing_is_lost_and_nothing_doubled(stack: Compose, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANDING_PAGES_PER_RUN", "20")
    stack.up()
    audit = stack.arrived()
    for name, value in audit.items():
        say(f"{name}: {value}")
    assert (audit["clean"], audit["unaccounted"]) == (True, 0)
    assert audit["served"] == audit["landed"]
    assert audit["source_records"] == audit["rows"] + audit["rows_quarantined"]


def mlflow(settings: Settings) -> httpx.Client:
    """MLflow's API, asked by the trainer."""
    access = settings.tracking()
    login = (access.user, access.password.get_secret_value())
    return httpx.Client(base_url=f"{access.url}/api/2.0/mlflow/", auth=login, timeout=60)


@pytest.fixture(scope="module")
def trained(stack: Compose) -> str:
    return stack.run("run", "--rm", "trainer").stdout


def test_a_model_is_trained_and_registered(stack: Compose, settings: Settings, trained: str) -> None:
    say(trained)
    with mlflow(settings) as registry:
        champion = {"name": settings.mlflow.model_name, "alias": "champion"}
        answer = registry.get("registered-models/alias", params=champion).raise_for_status()
    version = answer.json()["model_version"]
    say(f"registered: {version['name']} version {version['version']}, run {version['run_id']}")
    assert version["run_id"] in trained


def test_no_secret_is_in_a_log_an_image_the_spark_ui_or_a_run(stack: Compose, settings: Settings, trained: str) -> None:
    secrets = {name: value for name, value in stack.secrets.items() if is_secret(name)}
    for place, text in shown(stack, settings, trained):
        assert text, place
        assert [name for name, value in secrets.items() if value in text] == [], place


def shown(stack: Compose, settings: Settings, trained: str) -> Iterator[tuple[str, str]]:
    """What people, or those who get hold of an image, can read."""
    yield "the training", trained
    yield "the logs", stack.run("logs", "--no-color").stdout
    for image in sorted({one["image"] for one in stack.config()["services"].values()}):
        yield image, stack.docker.run("image", "inspect", image).stdout
        yield image, stack.docker.run("history", "--no-trunc", image).stdout
    yield from environment(settings).items()
    with mlflow(settings) as registry:
        yield "the runs", registry.post("runs/search", json={"experiment_ids": ["1"]}).raise_for_status().text


def test_down_and_up_again_loses_nothing(stack: Compose, settings: Settings) -> None:
    before = stack.lake("audit")
    stack.run("stop")
    killed = [name for name, one in stack.containers().items() if one["State"]["ExitCode"] == KILLED]
    assert killed == []
    stack.run("down")
    assert stack.containers() == {}
    stack.up()
    after = stack.arrived()
    say(f"after down and up again: {after['landed']} objects, {after['rows']} rows, clean: {after['clean']}")
    assert after == before
    with mlflow(settings) as registry:
        assert registry.get("registered-models/get", params={"name": settings.mlflow.model_name}).is_success


def test_without_a_dataset_the_source_gets_one_or_makes_one_up(stack: Compose, monkeypatch: pytest.MonkeyPatch) -> None:
    [port] = free_ports(1)
    monkeypatch.setenv("SMS_SPAM_CSV", "")
    monkeypatch.setenv("SOURCE_API_PORT", str(port))
    other = replace(stack, project="lake-without-dataset")
    try:
        other.run("up", "-d", "--wait", "--no-build", "source-api")
        status = httpx.get(f"http://127.0.0.1:{port}/status", timeout=60).raise_for_status().json()
        say(f"without SMS_SPAM_CSV: {status['records']} records, {status['origin']}")
        assert status["records"] > 0
    finally:
        other.run("down", "--volumes")


@pytest.fixture
def cluster(stack: Compose, monkeypatch: pytest.MonkeyPatch) -> Compose:
    """The same stack, whose Spark programs compute on a cluster of a master and a worker."""
    monkeypatch.setenv("SPARK_MASTER", "spark://spark-master:7077")
    stack.up("--profile", "cluster")
    return stack


def test_on_a_cluster_the_query_and_the_training_compute_on_the_worker(
    cluster: Compose, settings: Settings, trained: str
) -> None:
    again = cluster.run("run", "--rm", "trainer").stdout
    say(again)
    assert figures(again) == figures(trained)
    assert cluster.lake("audit")["clean"]
    workers = executors(settings)
    say(f"executors of the query: {[one['hostPort'] for one in workers]}")
    assert workers


def figures(output: str) -> list[str]:
    """What a training found out, without where and when."""
    return [line for line in output.splitlines() if line.strip().startswith(("table", "rows", "AUC", "F1"))]
