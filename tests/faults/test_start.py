"""What the query finds at its start and cannot go on with, or can: credentials, topics, damaged logs; F20, F27, F35."""

import io
import shutil

import pytest
from confluent_kafka.admin import AdminClient

from conf.first_start import topics
from tests.faults import tables
from tests.faults.conftest import Scale
from tests.faults.draining import drain, judge
from tests.faults.landing import Load
from tests.faults.ministack import MiniStack
from tests.faults.waiting import until

pytestmark = pytest.mark.whole

LOG = "messages/_delta_log"
WRONG = "certainly-not-what-minio-knows"


@pytest.mark.case("F35")
def test_a_wrong_secret_is_refused_by_name_and_not_shown(stack: MiniStack) -> None:
    query = stack.query(STREAM_SECRET_KEY=WRONG)
    with query:
        until(lambda: query.exits, "it goes on")
    said = query.log.read_text()
    assert query.exits[0] != 0
    assert (
        f"MinIO at {query.settings.minio.endpoint} refuses the access key stream: SignatureDoesNotMatch. STREAM_SECRET_KEY"
        in said
    )
    assert WRONG not in said


@pytest.mark.case("F20")
def test_a_topic_made_anew_ends_the_query_which_names_the_remedy(stack: MiniStack, scale: Scale) -> None:
    load, query, settings = Load(stack, scale.seed), stack.query(), stack.settings
    with query:
        load.land_pages(20)
        drain(stack, load, [query])
    load.land_pages(5)
    admin = AdminClient({"bootstrap.servers": settings.kafka.servers})
    [deleted] = admin.delete_topics([settings.kafka.landing_topic]).values()
    deleted.result(30)
    until(lambda: comes_anew(stack), "the topic is not made anew")
    load.land_pages(5)
    with query:
        until(lambda: query.exits, "the query goes on")
        assert "Remove the checkpoint" in query.log.read_text()
        query.stop()
    shutil.rmtree(query.checkpoint)
    with query:
        judge(stack, load, [query]).require_clean()


def comes_anew(stack: MiniStack) -> bool:
    """Kafka has the topic again, empty."""
    topics.create(stack.settings)
    admin = AdminClient({"bootstrap.servers": stack.settings.kafka.servers})
    return stack.settings.kafka.landing_topic in admin.list_topics(timeout=10).topics


@pytest.mark.case("F27")
@pytest.mark.parametrize("damaged", ["_last_checkpoint", "00000000000000000001.json"])
def test_a_damaged_log_is_healed_or_named(stack: MiniStack, scale: Scale, damaged: str) -> None:
    load, query = Load(stack, scale.seed), stack.query(STREAM_MAX_NOTIFICATIONS="1", STREAM_TRIGGER_SECONDS="0")
    root, bucket, file = stack.client("root"), stack.settings.minio.delta_bucket, f"{LOG}/{damaged}"
    with query:
        load.land_pages(60)
        drain(stack, load, [query])
    whole = root.get_object(bucket, file).read()
    root.put_object(bucket, file, io.BytesIO(b'{"version":'), len(b'{"version":'))
    load.land_pages(5)
    with query:
        known = tables.count(stack.settings, "ledger")
        until(lambda: query.exits or tables.count(stack.settings, "ledger") > known, "nothing happens")
        if query.exits:
            assert damaged.removesuffix(".json").lstrip("0") in query.log.read_text()
            root.put_object(bucket, file, io.BytesIO(whole), len(whole))
        judge(stack, load, [query]).require_clean()
