"""The README's second feed, with columns of its own and no label, on real services: no line of code is about it."""

import gzip
import json
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from tests import readme
from tests.faults import tables
from tests.faults.auditing import audited
from tests.faults.conftest import Scale
from tests.faults.draining import drain
from tests.faults.landing import Load
from tests.faults.ministack import MiniStack

OPINIONS = [
    {"avis": "Très beau", "note": 5, "written": "2026-01-31T09:30:00+01:00", "subject": "film"},
    {"avis": "Bof…", "note": 2, "where": "Lyon"},
    {"avis": "Nul", "note": 0},
    {"avis": "Rien", "note": "beaucoup"},
]
LINES = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in OPINIONS).encode()
CSV = b"Note,Avis\n3,Correct\n4,\n"


def test_it_is_loaded_with_its_types_rules_and_comments_and_the_audit_is_clean(
    stack: MiniStack, scale: Scale, tmp_path: Path
) -> None:
    load, query = Load(stack, scale.seed), stack.query(STREAM_FEED=str(readme.declared("avis", tmp_path)))
    with query:
        load.put("avis/one.jsonl", LINES)
        load.put("avis/two.csv.gz", gzip.compress(CSV))
        load.put("avis/no-stars.csv", b"avis\nBien\n")
        # No object of the feed: neither its notification nor reconciliation makes it one.
        stack.client().put_object(stack.settings.minio.landing_bucket, "other/page.csv", BytesIO(CSV), len(CSV))
        drain(stack, load, [query])
    columns = ("label", "text", "stars", "written", "subject", "rescued", "source_key", "source_row")
    rows = tables.rows(stack.settings, "messages", *columns)
    assert sorted(tuple(row.values()) for row in rows) == [
        (None, "Bof…", 2, None, None, '{"where": "Lyon"}', "avis/one.jsonl", 2),
        (None, "Correct", 3, None, None, None, "avis/two.csv.gz", 1),
        (None, "Très beau", 5, datetime(2026, 1, 31, 8, 30, tzinfo=UTC), "film", None, "avis/one.jsonl", 1),
    ]
    refused = tables.rows(stack.settings, "quarantine", "source_key", "source_row", "rule")
    assert sorted(tuple(row.values()) for row in refused if row["source_row"]) == [
        ("avis/one.jsonl", 3, "stars_in_range"),
        ("avis/one.jsonl", 4, "wrong_type"),
        ("avis/two.csv.gz", 2, "empty_text"),
    ]
    assert [tuple(row.values()) for row in refused if not row["source_row"]] == [
        ("avis/no-stars.csv", None, "missing_columns")
    ]
    decided = tables.rows(stack.settings, "ledger", "source_key", "feed")
    assert {row["feed"] for row in decided} == {"avis"}
    assert sorted(row["source_key"] for row in decided) == ["avis/no-stars.csv", "avis/one.jsonl", "avis/two.csv.gz"]
    messages = tables.opened(stack.settings, "messages")
    assert messages is not None
    comments = {field.name: field.metadata.get("comment") for field in messages.schema().fields}
    assert (comments["stars"], comments["text"]) == ("De 1 à 5", "Ce qu'on en dit")
    findings, snapshot = audited(stack, tmp_path)
    assert (findings, snapshot.own_columns) == ([], ["stars", "written", "subject"])
