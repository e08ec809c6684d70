"""An object that the store cannot serve is tried less and less often, and every other one at once."""

from streaming.decide.put_off import PutOff


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
