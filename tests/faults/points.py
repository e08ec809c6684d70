"""The named points to kill at, seen from outside: by the checkpoint's files and by the requests that pass the proxy.

Each function returns when the point was reached and what it does there is done; `False` when it did not come in time.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.faults.draining import last_batch
from tests.faults.query import Query, Victim
from tests.faults.rules import Action, Moment, call, delay, hang_up, later
from tests.faults.waiting import comes

COMMIT = r"/_delta_log/\d{20}\.json$"
LEDGER = rf"/ledger{COMMIT}"
ROWS = rf"/(messages|quarantine){COMMIT}"
CHECKPOINT = r"/_delta_log/\d{20}\.checkpoint.*\.parquet$"
COMPACTED = rb'"operation":"OPTIMIZE"'
LOOK_SECONDS = 0.002
ROLL_SECONDS = 0.01
"""From the commit of the messages to that of the quarantine, if there is one."""


@dataclass
class Scene:
    """One query, and who of it is to die."""

    query: Query
    victim: Victim
    rng: Random
    patience: float = 90
    stopped_seconds: float = 20
    other: Query | None = None
    """Who is started while the query is stopped (C8)."""

    def kill(self) -> None:
        self.query.kill(self.victim)


def begun(scene: Scene) -> bool:
    """C1: the offset log has a new batch."""
    before = last_batch(scene.query.checkpoint, "offsets")
    if not comes(lambda: last_batch(scene.query.checkpoint, "offsets") > before, scene.patience, LOOK_SECONDS):
        return False
    scene.kill()
    return True


def fetching(scene: Scene) -> bool:
    """C2: an object's bytes are asked for."""
    return _at(scene, "GET", r"^/landing/[^?]", "arrived", call(scene.kill))


def before_commit(scene: Scene) -> bool:
    """C3: the files are written, the decision is not committed."""
    return _at(scene, "PUT", LEDGER, "arrived", call(scene.kill), hang_up)


def before_commit_log(scene: Scene) -> bool:
    """C4: everything is committed, and Spark's commit log does not know it."""
    return _at(scene, "PUT", ROWS, "delivered", later(ROLL_SECONDS, scene.kill))


def between_commits(scene: Scene) -> bool:
    """C4b: the decision is committed, its rows are not."""
    with scene.query.proxy.rule("PUT", LEDGER, "answered") as decided:
        return _at(scene, "PUT", ROWS, "arrived", call(scene.kill), hang_up, after=decided)


def checkpointing(scene: Scene) -> bool:
    """C5: a checkpoint of a Delta log is being written."""
    return _at(scene, "PUT", CHECKPOINT, "arrived", call(scene.kill), hang_up)


def compacting(scene: Scene) -> bool:
    """C6: a compaction is about to be committed."""
    return _at(scene, "PUT", COMMIT, "arrived", call(scene.kill), hang_up, holds=COMPACTED)


def answer_lost(scene: Scene) -> bool:
    """C7: the decision is committed, its answer is lost; the query dies a little later, or not at all."""
    if not _at(scene, "PUT", LEDGER, "answered", hang_up):
        return False
    time.sleep(scene.rng.uniform(0, 3))
    scene.kill()
    return True


def stopped(scene: Scene) -> bool:
    """C8: stopped before its commit or within a fetch, continued when another has been at work on the same objects."""
    method, path = scene.rng.choice((("GET", r"^/landing/[^?]"), ("PUT", LEDGER)))
    held = delay(lambda: scene.stopped_seconds)
    with scene.query.proxy.rule(method, path, "arrived", call(scene.query.freeze), held) as rule:
        if not comes(lambda: rule.seen, scene.patience):
            return False
        if scene.other:
            scene.other.start()
        time.sleep(scene.stopped_seconds)
        scene.query.thaw()
        time.sleep(scene.rng.uniform(3, 8))
    if scene.other:
        scene.other.stop()
    return True


def any_moment(scene: Scene) -> bool:
    """Whatever it does just now, its start included."""
    time.sleep(scene.rng.uniform(0, 20))
    scene.kill()
    return True


POINTS: Mapping[str, Callable[[Scene], bool]] = {
    "C1": begun,
    "C2": fetching,
    "C3": before_commit,
    "C4": before_commit_log,
    "C4b": between_commits,
    "C5": checkpointing,
    "C6": compacting,
    "C7": answer_lost,
    "C8": stopped,
    "any moment": any_moment,
}


def _at(scene: Scene, method: str, path: str, moment: Moment, *actions: Action, **more: Any) -> bool:
    with scene.query.proxy.rule(method, path, moment, *actions, **more) as rule:
        return rule.acted.wait(scene.patience)
