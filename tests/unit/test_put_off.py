"""An object that the store cannot serve is tried less and less often, and every other one at once."""

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from streaming import loader
from streaming.decide import spark_tasks
from streaming.decide.put_off import PutOff
from streaming.decide.slices import Item
from streaming.decide.worker import Passing, Result, Written
from streaming.events import control
from streaming.events.intake import Sources
from streaming.events.objects import ObjectVersion
from streaming.events.records import kafka_record
from tests.unit.announced import announced
from tests.unit.decided import books_of, place_in


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_what_was_tried_in_vain_is_due_after_two_minutes_and_then_after_twice_as_long() -> None:
    clock = Clock()
    put_off = PutOff(clock)
    waits = []
    for _ in range(8):
        waits.append(put_off.note("damaged"))
        assert put_off.due(["damaged", "another"]) == {"another"}
        clock.now += waits[-1]
        assert put_off.due(["damaged", "another"]) == {"damaged", "another"}
    assert waits == [120, 240, 480, 960, 1920, 3600, 3600, 3600]


def test_what_has_its_outcome_is_forgotten() -> None:
    put_off = PutOff(Clock())
    put_off.note("damaged")
    put_off.forget(["damaged", "another"])
    assert put_off.due(["damaged"]) == {"damaged"}
    assert put_off.note("damaged") == 120


def test_the_loader_leaves_out_what_is_put_off_until_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, tried = Clock(), list[str]()

    def run(_spark: object, _job: object, slices: Sequence[tuple[str, list[Item]]]) -> Sequence[Result]:
        keys = [[cast("Any", item.what).key for item in items] for _, items in slices]
        tried.extend(key for some in keys for key in some)
        return [Passing("AccessDenied") if "damaged" in some else Written({}, {}, 0) for some in keys]

    versions = [ObjectVersion(**announced(key).told()) for key in ("damaged", "whole")]
    records = [
        kafka_record("control", 0, offset, control.landed(one).model_dump_json().encode())
        for offset, one in enumerate(versions)
    ]
    monkeypatch.setattr(loader, "records", lambda _frame: records)
    monkeypatch.setattr(spark_tasks, "run", run)
    context = SimpleNamespace(setJobDescription=lambda _text: None, defaultParallelism=1)
    load = loader.Loader(
        cast("Any", SimpleNamespace(sparkContext=context)),
        books_of(place_in(tmp_path / "delta"), tmp_path / "index"),
        Sources("landing", "control"),
        loader.Caps(500, 10**6),
        lambda _stamp: cast("Any", None),
        lambda: None,
        lambda _asked: None,
        PutOff(clock),
    )
    seen = []
    for _ in range(3):
        tried.clear()
        load(cast("Any", None), 1)
        seen.append("damaged" in tried)
        assert "whole" in tried
        clock.now += 70
    assert seen == [True, False, True]
