"""Lands the load: objects, second versions, versions that are deleted at once, repeated and unreadable records."""

import io
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from random import Random
from typing import Literal

from tests.faults import corpus, keys, records
from tests.faults.ministack import MiniStack
from tests.faults.records import Letter, Sender
from tests.faults.waiting import meanwhile

Expected = Literal["as parsed", "parsed or refused", "refused"]
Identity = tuple[str, str]


@dataclass(frozen=True)
class Landed:
    """One object version that was landed, and what must become of it."""

    key: str
    version: str | None
    """None where MinIO keeps no versions: of a key that ends with a slash."""
    etag: str
    name: str
    """The case it stands for, or `page`."""
    expected: Expected
    deleted: bytes | None = None
    """What it held, when it was deleted again: its outcome may then be that it has vanished."""
    is_decided: bool = False
    """Whether it had been decided when it was deleted: then its outcome is what it held."""

    @property
    def identity(self) -> Identity:
        return self.key, self.version or self.etag


MIX: Mapping[str, float] = {"page": 70, "bad": 5, "odd key": 10, "again": 6, "deleted": 4, "repeat": 3, "garbage": 2}
"""How often each step comes."""
REPEATED_AT_ONCE = 30
HANDS = 8
OF_A_HAND = 100_000
"""Objects that a hand may land: the next one's numbers begin behind them."""


class Load:
    """Everything that was landed on one stack, in a sequence that the seed decides."""

    def __init__(self, stack: MiniStack, seed: object, mix: Mapping[str, float] = MIX, first: int = 0) -> None:
        self.landed: list[Landed] = []
        self.sender = Sender(stack.settings)
        self._stack = stack
        self._rng = Random(str(seed))  # noqa: S311  # a corpus, no secrets
        self._mix = mix
        self._seed, self._first = seed, first
        self._lander, self._root = stack.client(), stack.client("root")
        self._bucket = stack.settings.minio.landing_bucket

    @property
    def letters(self) -> list[Letter]:
        """The records that must become dead letters."""
        return self.sender.letters

    def land(self, number: int) -> None:
        """So many steps."""
        for _ in range(number):
            [step] = self._rng.choices(list(self._mix), list(self._mix.values()))
            self._steps()[step]()

    def land_by_many(self, number: int) -> None:
        """So many steps, `HANDS` at a time, each in a sequence of its own: one after the other they wait for MinIO's disk."""
        hands = [
            Load(self._stack, f"{self._seed}, hand {one}", self._mix, one * OF_A_HAND) for one in range(1, HANDS + 1)
        ]
        with ThreadPoolExecutor(HANDS) as pool:
            list(pool.map(lambda hand: hand.land(number // HANDS), hands))
        for hand in hands:
            self.landed += hand.landed
            self.sender.letters += hand.letters

    def land_pages(self, number: int) -> list[Landed]:
        """So many good pages."""
        return [self.put(self._key(), corpus.page(self._rng)) for _ in range(number)]

    def going_on(self, pause: float) -> AbstractContextManager[None]:
        """One step after another meanwhile, with this pause between them."""
        return meanwhile(lambda: self.land(1), pause)

    def put(self, key: str, body: bytes, name: str = "page", expected: Expected = "as parsed") -> Landed:
        """One object more."""
        written = self._lander.put_object(self._bucket, key, io.BytesIO(body), len(body))
        landed = Landed(key, written.version_id, str(written.etag), name, expected)
        self.landed.append(landed)
        return landed

    def put_all(self, bodies: Mapping[str, bytes | Callable[[], bytes]], expected: Expected) -> None:
        """Each of them once, under a key that names its case."""
        for name, body in bodies.items():
            self.put(f"{name}.csv", body if isinstance(body, bytes) else body(), name, expected)

    def delete(self, landed: Landed, body: bytes) -> None:
        """That version is gone from the bucket for good."""
        self._root.remove_object(self._bucket, landed.key, version_id=landed.version)
        self.landed[self.landed.index(landed)] = replace(landed, deleted=body)

    def _steps(self) -> dict[str, Callable[[], object]]:
        return {
            "page": lambda: self.put(self._key(), corpus.page(self._rng)),
            "bad": self._bad,
            "odd key": lambda: self.put(keys.odd(self._rng, self._number), corpus.page(self._rng), "F18"),
            "again": self._again,
            "deleted": self._deleted,
            "repeat": lambda: records.repeat_some(self._stack.settings, self.sender, self._rng, REPEATED_AT_ONCE),
            "garbage": self._garbage,
        }

    @property
    def _number(self) -> int:
        """That of the next object: no other of the stack has it."""
        return self._first + len(self.landed)

    def _key(self) -> str:
        return f"pages/{self._number:06d}.csv"

    def _bad(self) -> None:
        name = self._rng.choice(list(corpus.BAD))
        self.put(f"bad/{self._number:06d}.csv", corpus.BAD[name], name)

    def _again(self) -> None:
        versioned = [landed.key for landed in self.landed if landed.version]
        key = self._rng.choice(versioned) if versioned else self._key()
        self.put(key, corpus.page(self._rng), "F5")

    def _deleted(self) -> None:
        body = corpus.page(self._rng)
        landed = self.put(f"deleted/{self._number:06d}.csv", body, "F4")
        time.sleep(self._rng.choice((0, 0, 3)))
        self.delete(landed, body)

    def _garbage(self) -> None:
        topic = self._rng.choice(self._stack.settings.kafka.topics)
        name = self._rng.choice(list(records.GARBAGE))
        self.sender.send(topic, records.GARBAGE[name], name)
