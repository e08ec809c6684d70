"""What ends the query, and what it waits out: told by what Spark says."""

from threading import Event
from typing import ClassVar

import pytest
from pyspark.errors import PySparkException, StreamingQueryException

from conf import session
from streaming.ledger.decisions import LedgerError
from streaming.query import DataLossError, Load, require_passing, run

MADE_ANEW = """Some data may have been lost because they are not available in Kafka any more;
either the data was aged out by Kafka or the topic may have been deleted before all the data in the topic was processed.
Reason: Partition landing-events-0 offset was changed from 20 to 10."""
AGED_OUT = "[KAFKA_DATA_LOSS.COULD_NOT_READ_OFFSET_RANGE] Cannot read the records between 0 and 20."
AWAY = "org.apache.kafka.common.errors.TimeoutException: Timed out waiting for a node assignment."
OTHER = "java.lang.IllegalArgumentException: requirement failed"


@pytest.mark.parametrize("said", [MADE_ANEW, AGED_OUT])
def test_lost_records_end_it_with_the_remedy(said: str) -> None:
    with pytest.raises(DataLossError, match="Remove the checkpoint folder"):
        require_passing(StreamingQueryException(said))


def test_kafka_away_is_waited_out() -> None:
    require_passing(StreamingQueryException(AWAY))


def test_anything_else_ends_it_as_it_is() -> None:
    with pytest.raises(StreamingQueryException, match="requirement failed"):
        require_passing(StreamingQueryException(OTHER))


class OneBatch:
    """What Spark makes of a batch's error: an exception of its own, with the text."""

    isActive = False  # noqa: N815  # Spark's name

    def __init__(self, load: Load) -> None:
        self.load = load

    def awaitTermination(self, _seconds: float) -> bool:  # noqa: N802  # Spark's name
        try:
            self.load(None, 0)  # type: ignore[arg-type]  # the load looks at no frame
        except Exception as error:
            raise StreamingQueryException(f"[FOREACH_BATCH_USER_FUNCTION_ERROR] {error}") from error
        return True


class Running:
    """A query between two micro-batches, which notes what is done."""

    isActive = True  # noqa: N815  # Spark's name
    status: ClassVar = {"isTriggerActive": False}

    def __init__(self, done: list[str]) -> None:
        self.done = done

    def stop(self) -> None:
        self.done.append("stopped")


def test_java_may_outlive_its_threads_before_a_query_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    done, stop = list[str](), Event()
    stop.set()
    monkeypatch.setattr(session, "outlive_threads", lambda: done.append("Java may outlive its threads"))
    run(lambda _: Running(done), lambda _frame, _batch: None, lambda: None, lambda: None, stop)  # type: ignore[arg-type,return-value]  # no query of Spark's
    assert done == ["Java may outlive its threads", "stopped"]


def loaded(*errors: Exception) -> int:
    """How many batches it took to come to the end, when the first ones fail with these errors."""
    left, batches = list(errors), list[int]()

    def load(_frame: object, batch: int) -> None:
        batches.append(batch)
        if left:
            raise left.pop(0)

    run(OneBatch, load, lambda: None, lambda: None, Event())  # type: ignore[arg-type]  # no query of Spark's
    return len(batches)


@pytest.mark.parametrize(
    "said", [AWAY, "java.util.concurrent.TimeoutException: Cannot fetch record for offset 7 in 120000 milliseconds"]
)
def test_kafka_away_while_a_batch_is_read_is_waited_out_as_well(said: str) -> None:
    assert loaded(PySparkException(said)) == 2


def test_records_lost_while_a_batch_is_read_end_it_with_the_remedy() -> None:
    with pytest.raises(DataLossError, match="Remove the checkpoint folder"):
        loaded(PySparkException(AGED_OUT))


def test_an_error_of_the_load_itself_is_raised_as_it_is() -> None:
    with pytest.raises(LedgerError, match="ahead of"):
        loaded(LedgerError(f"ahead of the ledger, {AWAY}"))
