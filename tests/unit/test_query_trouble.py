"""What ends the query, and what it waits out: told by what Spark says."""

import pytest
from pyspark.errors import StreamingQueryException

from streaming.query import DataLossError, require_passing

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
