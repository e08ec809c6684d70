"""`ingest.py --available-now` loads all that has landed, what nobody was told of included, and ends by itself."""

import subprocess
import time

import pytest
from minio.notificationconfig import NotificationConfig

from conf.local.processes import process_environment
from conf.machine import ROOT
from lander.bucket import prepare
from streaming.events.course import ANNOUNCED_WITHIN
from tests.faults import tables
from tests.faults.conftest import Scale
from tests.faults.draining import judge
from tests.faults.landing import Load
from tests.faults.ministack import MiniStack
from tests.faults.query import Query
from tests.stack.servers import part

PATIENCE_SECONDS = 120


@pytest.mark.case("F3")
def test_it_loads_what_lies_there_announced_or_not_and_ends(stack: MiniStack, scale: Scale) -> None:
    load, query = Load(stack, scale.seed), stack.query()
    stack.client().set_bucket_notification(stack.settings.minio.landing_bucket, NotificationConfig())
    load.land_pages(5)
    prepare(stack.settings)
    load.land_pages(10)
    time.sleep(ANNOUNCED_WITHIN.total_seconds())
    # Twice: at the end of everything there is nothing to do, and that is no error.
    assert [run(query), run(query)] == [0, 0], query.log.read_text()
    assert tables.count(stack.settings, "ledger") == len(load.landed)
    judge(stack, load, [query]).require_clean()


def run(query: Query) -> int:
    """How the query ended that was to load what there is."""
    service = part(query.settings, "streaming")
    variables = process_environment(query.settings, service.environment) | {"PYTHONPATH": str(ROOT)} | query.more
    with query.log.open("a") as out:
        command = [*service.command, "--available-now"]
        done = subprocess.run(
            command, env=variables, stdout=out, stderr=out, cwd=ROOT, timeout=PATIENCE_SECONDS, check=False
        )
    return done.returncode
