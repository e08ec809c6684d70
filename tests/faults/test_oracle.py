"""The oracle sees what is wrong: a judge that finds nothing has to show that it can."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from deltalake import write_deltalake

from tests.faults import oracle, tables
from tests.faults.bucket import Bucket
from tests.faults.conftest import Scale
from tests.faults.draining import judge
from tests.faults.landing import Load
from tests.faults.ministack import MiniStack, ministack
from tests.faults.records import GARBAGE, Letter

Damage = Callable[[MiniStack, Load], None]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory, scale: Scale) -> Iterator[tuple[MiniStack, Load]]:
    """Pages and a dead letter that are loaded, and no query any more."""
    with ministack(tmp_path_factory.mktemp("oracle")) as stack:
        load = Load(stack, scale.seed)
        with stack.query() as query:
            load.land_pages(10)
            load.put("bad-row.csv", b"v1,v2,,,\r\nham,fine,,,\r\neggs,no label,,,\r\n")
            load.sender.send(stack.settings.kafka.landing_topic, GARBAGE["F16 no JSON"], "F16 no JSON")
            judge(stack, load, [query]).require_clean()
        yield stack, load


def lost(_stack: MiniStack, load: Load) -> None:
    load.landed.append(replace(load.landed[0], version="never-loaded"))


def made_up(_stack: MiniStack, load: Load) -> None:
    load.landed.pop(1)


def other_text(stack: MiniStack, load: Load) -> None:
    body = Bucket(stack.client("stream"), stack.settings.minio.landing_bucket).body(load.landed[2])
    load.landed[2] = replace(load.landed[2], deleted=body.replace(b"ham,", b"spam,"), is_decided=True)


def letter_lost(stack: MiniStack, load: Load) -> None:
    load.letters.append(Letter(stack.settings.kafka.landing_topic, 0, 999, "lost"))


def twice(table: str) -> Damage:
    def damage(stack: MiniStack, _load: Load) -> None:
        handle = tables.opened(stack.settings, table)
        assert handle is not None
        write_deltalake(handle, handle.to_pyarrow_table().slice(0, 1), mode="append")

    return damage


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lost, "0 entries in the ledger"),
        (made_up, "which never landed"),
        (other_text, " lost, as "),
        (letter_lost, "(lost) is 0 times in quarantine"),
        (twice("messages"), "1 too many"),
        (twice("quarantine"), ""),
        (twice("ledger"), "2 "),
    ],
    ids=["lost", "made up", "other text", "letter lost", "message twice", "rejected twice", "entry twice"],
)
def test_a_damage_is_found_and_named(loaded: tuple[MiniStack, Load], damage: Damage, told: str) -> None:
    before = {*oracle.examine(*loaded).findings}
    damage(*loaded)
    found = {*oracle.examine(*loaded).findings} - before
    assert [finding for finding in found if told in finding], found
