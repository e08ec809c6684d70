"""Jupyter, started as the stack starts it, opens on the notebook: in a clone, and in a container whose folder is a volume."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from conf.machine import ROOT
from tests.stack.ports import free_ports

NOTEBOOK = "training/sms-spam-classifier.ipynb"
TOKEN = "for-this-test"  # noqa: S105  # it opens nothing else
PATIENCE_SECONDS = 300


@contextmanager
def jupyter(root: Path, home: Path, code: Path = ROOT) -> Iterator[httpx.Client]:
    """The service's own script in the folder `code`, asked with its token."""
    [port] = free_ports(1)
    folders = {f"JUPYTER_{kind}_DIR": str(home / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    variables = {
        "JUPYTER_ROOT": str(root),
        "JUPYTER_LISTEN": "127.0.0.1",
        "JUPYTER_PORT": str(port),
        "JUPYTER_TOKEN": TOKEN,
    }
    command = ["bash", str(ROOT / "conf" / "compose" / "jupyter.sh")]
    environment = os.environ | folders | variables
    with (
        (home / "log").open("w") as log,
        subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=code) as running,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", params={"token": TOKEN}) as client,
    ):
        try:
            _await(client, running, home / "log")
            yield client
        finally:
            running.send_signal(signal.SIGTERM)


def _await(client: httpx.Client, running: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until and running.poll() is None:
        try:
            client.get("/api").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.3)
        else:
            return
    pytest.fail(log.read_text()[-2000:])


def test_in_a_clone_it_opens_the_notebook_of_the_clone(tmp_path: Path) -> None:
    with jupyter(ROOT, tmp_path) as asked:
        assert asked.get("/").headers["location"].partition("?")[0] == f"/lab/tree/{NOTEBOOK}"
        page = asked.get("/lab").raise_for_status().text
        found = asked.get(f"/api/contents/{NOTEBOOK}").raise_for_status().json()
    # Nothing stands in front of it: JupyterLab would ask about its news.
    assert "@jupyterlab/apputils-extension:announcements" in re.findall(r'"disabledExtensions":\s*\[(.*?)\]', page)[0]
    assert found["type"] == "notebook"
    assert found["content"]["cells"]


def test_on_a_new_volume_it_is_that_of_the_image_and_a_later_image_brings_its_own(tmp_path: Path) -> None:
    volume = tmp_path / "volume"
    volume.mkdir()
    for title in ("first", "second"):
        image = tmp_path / title
        shutil.copytree(ROOT / "training", image / "training", ignore=shutil.ignore_patterns("__pycache__"))
        (image / NOTEBOOK).write_text((ROOT / NOTEBOOK).read_text().replace("# The spam filter", f"# {title}"))
        with jupyter(volume, image, code=image) as asked:
            found = asked.get(f"/api/contents/{NOTEBOOK}").raise_for_status().json()
        assert found["content"]["cells"][0]["source"].startswith(f"# {title}")
