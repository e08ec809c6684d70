"""Questions in SQL: as of a version, read only, each error in one line that says what there is."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from deltalake import DeltaTable

from conf import settings
from conf.machine import ROOT
from conf.tables import MESSAGES
from streaming.errors import LookError
from streaming.ledger.decisions import NO_HOOKS
from streaming.ledger.place import Place
from streaming.look import commands, printing, question
from streaming.look.question import Tables
from streaming.look.versions import Versions, moment
from tests.unit.looked import LookedAt, page, page_key

COUNTS = """SELECT (SELECT count(*) FROM messages) AS messages, (SELECT count(*) FROM quarantine) AS quarantine,
(SELECT count(*) FROM ledger) AS ledger"""


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> LookedAt:
    """Version 1 of messages has decision 1; decision 2 has no message; version 2 has decision 3, version 3 is a compaction."""
    lake = LookedAt(tmp_path_factory.mktemp("lake"))
    lake.load_page(1, page("a", "b", rejected=1))
    lake.commit()
    lake.load(b"", "empty.csv")
    lake.commit()
    lake.load_page(2, page("c"))
    lake.commit()
    lake.place.open(MESSAGES).optimize.compact(post_commithook_properties=NO_HOOKS)
    return lake


def counts(tables: Tables) -> tuple[int, ...]:
    return tuple(tables.only(COUNTS).values())


@pytest.mark.parametrize(
    ("version", "expected"), [(0, (0, 0, 0)), (1, (2, 1, 1)), (2, (3, 2, 3)), (3, (3, 2, 3)), (None, (3, 2, 3))]
)
def test_a_version_has_its_rows_and_what_was_decided_up_to_it(
    lake: LookedAt, version: int | None, expected: tuple[int, ...]
) -> None:
    assert counts(lake.tables(version)) == expected


def test_a_moment_is_the_version_that_was_the_newest_then(lake: LookedAt) -> None:
    versions = Versions(lake.place)
    committed = [versions.commit(number).committed_at for number in range(4)]
    found = [versions.at(as_of=at).version() for at in committed]
    # Two commits of one millisecond are one moment.
    assert found == [max(other for other, at in enumerate(committed) if at == committed[one]) for one in range(4)]
    assert versions.at(as_of=datetime.now(UTC) + timedelta(days=1)).version() == 3


def test_a_moment_before_the_table_is_refused(lake: LookedAt) -> None:
    with pytest.raises(LookError, match=r"At 2001-01-01 00:00:00\+0000 there was no messages: it begins at "):
        Versions(lake.place).at(as_of=moment("2001-01-01"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-02", datetime(2026, 1, 2, tzinfo=UTC)),
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04+01:00", datetime(2026, 1, 2, 2, 4, tzinfo=UTC)),
    ],
)
def test_a_moment_without_a_zone_is_utc(text: str, expected: datetime) -> None:
    assert moment(text) == expected


def test_what_is_no_moment_is_refused_with_examples() -> None:
    with pytest.raises(LookError, match=r"'yesterday' is no moment\. Write it as 2026-01-31"):
        moment("yesterday")


@pytest.mark.parametrize("version", [-1, 4, 99])
def test_a_version_that_does_not_exist_names_those_that_do(lake: LookedAt, version: int) -> None:
    with pytest.raises(LookError, match=rf"Version {version} of messages cannot be read: .*Can be read: 0 to 3\."):
        lake.tables(version)


def test_a_version_whose_file_is_gone_names_those_that_can_be_read(tmp_path: Path) -> None:
    lake = LookedAt(tmp_path)
    for number in range(1, 5):
        lake.load_page(number, page(f"text {number}"))
        lake.commit()
    lake.place.open(MESSAGES).optimize.compact(post_commithook_properties=NO_HOOKS)
    Path(lake.place.root, "messages", "3.parquet").unlink()
    assert counts(lake.tables(2)) == (2, 0, 2)
    with pytest.raises(
        LookError, match=r"Version 3 of messages cannot be read: files of it are gone\. Can be read: 0 to 2, 5\."
    ):
        list(lake.tables(3).rows("SELECT text FROM messages"))


@pytest.mark.parametrize("table", ["quarantine", "ledger"])
@pytest.mark.parametrize("version", [None, 2])
def test_a_file_of_another_table_that_is_gone_is_named_and_messages_are_not_blamed(
    tmp_path: Path, table: str, version: int | None
) -> None:
    lake = LookedAt(tmp_path)
    for number in (1, 2):
        lake.load_page(number, page(f"text {number}", rejected=1))
        lake.commit()
    Path(lake.place.root, table, "2.parquet").unlink()
    with pytest.raises(LookError, match=rf"^A file of {table} is gone: 2\.parquet\. Restore all three tables"):
        list(lake.tables(version).rows(f"SELECT * FROM {table}"))
    assert [row["text"] for row in lake.tables(version).rows("SELECT text FROM messages ORDER BY text")] == [
        "text 1",
        "text 2",
    ]


@pytest.mark.parametrize("as_of", ["", "yesterday"])
def test_what_is_no_moment_is_refused_before_any_table_is_opened(as_of: str) -> None:
    with pytest.raises(LookError, match=f"'{as_of}' is no moment"):
        commands.opened(as_of=as_of)


def test_a_lake_without_tables_says_who_makes_them(tmp_path: Path) -> None:
    with pytest.raises(LookError, match="There is no table messages yet: the query makes it"):
        Tables(Place(str(tmp_path)))


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT nope FROM messages", "SQL: No field named nope. Valid fields are messages.label, messages.text,"),
        ("SELECT * FROM nope", "SQL: there is no table nope. There are: messages, quarantine, ledger."),
        ("SELECT *\nFORM messages", "SQL: unexpected FORM at line 2, column 1. One query is taken: SELECT …"),
        ("SELECT 1; SELECT 2", "One query is taken"),
        ("SELECT 1 / 0", "SQL: Divide by zero error"),
        (
            "SELECT cast(text AS int) FROM messages WHERE text = 'a'",
            "SQL: Cast error: Cannot cast string 'a' to value of Int32 type",
        ),
        ("", "One query is taken"),
    ],
)
def test_an_error_is_one_line(lake: LookedAt, sql: str, message: str) -> None:
    with pytest.raises(LookError) as refused:
        list(lake.tables().answer(sql).rows)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "sql",
    [
        "COPY (SELECT 1) TO '{folder}/written.parquet'",
        "CREATE EXTERNAL TABLE x STORED AS CSV LOCATION '{folder}/written.csv'",
        "CREATE TABLE x AS SELECT 1",
        "CREATE VIEW x AS SELECT 1",
        "DROP VIEW ledger",
        "INSERT INTO messages SELECT * FROM messages",
        "DELETE FROM messages",
        "UPDATE messages SET label = 'ham'",
        "SET datafusion.runtime.memory_limit = '100G'",
        "EXPLAIN ANALYZE INSERT INTO messages SELECT * FROM messages",
        "SELECT 1) OR EXISTS (SELECT 2",
        "SELECT 1); COPY (SELECT 1) TO '{folder}/written.parquet' --",
    ],
)
def test_nothing_but_a_query_is_taken(lake: LookedAt, tmp_path: Path, sql: str) -> None:
    with pytest.raises(LookError):
        list(lake.tables().answer(sql.format(folder=tmp_path)).rows)
    assert list(tmp_path.iterdir()) == []
    assert DeltaTable(f"{lake.place.root}/messages").version() == 3
    assert counts(lake.tables()) == (3, 2, 3)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT text FROM messages ORDER BY text DESC LIMIT 2;", [{"text": "c"}, {"text": "b"}]),
        ("WITH t AS (SELECT 1 AS one) SELECT one FROM t -- a comment", [{"one": 1}]),
        ("VALUES (1, 'x')", [{"column1": 1, "column2": "x"}]),
        ("SELECT 1 AS a UNION ALL SELECT 2 ORDER BY a", [{"a": 1}, {"a": 2}]),
        ("SELECT rank() OVER (ORDER BY text) AS place FROM messages WHERE text = 'a'", [{"place": 1}]),
        (
            "SELECT m.source_key, l.source_key FROM messages m JOIN ledger l ON m.source_identity = l.source_identity WHERE text = 'c'",
            [{"source_key": page_key("sms", 2), "source_key_1": page_key("sms", 2)}],
        ),
    ],
)
def test_queries_of_every_kind_are_answered(lake: LookedAt, sql: str, expected: list[dict[str, object]]) -> None:
    assert list(lake.tables().answer(sql).rows) == expected


def test_an_answer_without_rows_has_its_columns(lake: LookedAt) -> None:
    answer = lake.tables().answer("SELECT label, text FROM messages WHERE false")
    assert (answer.columns, list(answer.rows)) == (["label", "text"], [])


def test_a_large_answer_comes_in_pieces(tmp_path: Path) -> None:
    lake = LookedAt(tmp_path)
    lake.load_page(1, page(*(f"text {number}" for number in range(5_000))))
    lake.commit()
    reader = lake.tables()._ask("SELECT text FROM messages")  # noqa: SLF001  # what rows are taken from
    sizes = [batch.num_rows for batch in reader]
    assert sum(sizes) == 5_000
    assert max(sizes) <= 1_000


def test_the_readme_shows_what_a_query_on_the_export_answers(tmp_path: Path) -> None:
    path = settings.load().source.sms_spam_csv
    if path is None:
        pytest.skip("SMS_SPAM_CSV is not set")
    lake = LookedAt(tmp_path)
    lake.load_page(1, path.read_bytes())
    readme = (ROOT / "README.md").read_text()
    sql, shown = readme.split("$ lake sql '", 1)[1].split("'\n", 1)
    answer = lake.commit().tables().answer(sql)
    out = io.StringIO()
    count = printing.aligned(answer.columns, answer.rows, out)
    assert shown.startswith(f"{out.getvalue()}({count} rows)\n")


def test_what_needs_more_memory_than_is_given_ends_with_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = LookedAt(tmp_path)
    lake.load_page(1, page(*(f"text {number} {'x' * 200}" for number in range(5_000))))
    tables = lake.commit().tables()
    sql = "SELECT text FROM messages ORDER BY text"
    assert len(list(tables.rows(sql))) == 5_000
    monkeypatch.setattr(question, "MEMORY", "1M")
    with pytest.raises(
        LookError, match=r"The query needs more than 1M of memory\. Ask for fewer rows or columns: WHERE, LIMIT"
    ):
        list(lake.tables().rows(sql))
