"""What was rejected is replayed by a query that can read it: once, however often it is asked for and wherever the query dies."""

from pathlib import Path

from conf.tables import LEDGER as LEDGER_TABLE
from streaming import replaying
from streaming.audit import entries
from streaming.events import control
from streaming.feeds.declaration import FOLDER
from streaming.ledger.place import Place
from tests.faults import tables
from tests.faults.auditing import audited
from tests.faults.conftest import Scale
from tests.faults.draining import drain
from tests.faults.landing import Load
from tests.faults.ministack import MiniStack
from tests.faults.points import LEDGER, ROWS
from tests.faults.rules import call, hang_up

BODY = b"v1,v2,,,\r\nham,fine,,,\r\neggs,for breakfast,,,\r\nbacon,as well,,,\r\n"


def test_a_replay_is_decided_once_wherever_the_query_dies(stack: MiniStack, scale: Scale, tmp_path: Path) -> None:
    load, first = Load(stack, scale.seed), stack.query()
    with first:
        load.land_pages(2)
        landed = load.put("rows.csv", BODY)
        load.put("archive.csv", b"PK\x03\x04")
        drain(stack, load, [first])
    declared = tmp_path / "eggs.yaml"
    text = (FOLDER / "sms.yaml").read_text("utf-8")
    declared.write_text(text.replace("- value: ham\n", "- value: eggs\n          - value: ham\n", 1), "utf-8")
    # Another query with a checkpoint of its own: it reads all records once more, those of the replay among them.
    second = stack.query("two", STREAM_FEED=str(declared))
    place = Place(stack.settings.minio.delta_bucket, stack.settings.s3("stream"))
    asked = replaying.find(place, None, None)
    assert sorted((one.version.key, one.revision, one.entries) for one in asked) == [
        ("archive.csv", 2, 1),
        ("rows.csv", 2, 2),
    ]
    requests = [control.Replay(revision=one.revision, object=control.landed(one.version)) for one in asked]
    control.send(stack.settings, [*requests, *requests])
    with (
        second.proxy.rule("PUT", LEDGER, "answered") as decided,
        second.proxy.rule("PUT", ROWS, "arrived", call(lambda: second.kill("tree")), hang_up, after=decided) as killed,
        second,
    ):
        assert killed.acted.wait(120)
        drain(stack, load, [second])
    rows = tables.rows(stack.settings, "messages", "source_key", "label", "text")
    assert sorted(row["label"] for row in rows if row["source_key"] == landed.key) == ["eggs", "ham"]
    about = tables.rows(stack.settings, "ledger", "source_key", "revision", "replaces", "records", "found_by")
    assert [row["records"] for row in about if row["revision"] == 2 and row["found_by"] == "replay"] == [1]
    assert [(one.version.key, one.entries) for one in replaying.find(place, "unknown_label", None)] == [("rows.csv", 1)]
    found, snapshot = audited(stack, tmp_path)
    standing = entries.standing(snapshot)
    assert found == []
    assert standing.rows + standing.recovered == tables.count(stack.settings, "messages")
    assert standing.rows_quarantined == 1
    assert snapshot.newest == max(row["decision"] for row in tables.rows(stack.settings, LEDGER_TABLE.name, "decision"))
