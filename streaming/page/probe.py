"""A page that belongs to no feed but that every feed's parser can read: a message, and a record that is not one."""

from collections.abc import Mapping

from streaming.feeds.feed import Feed, Kind

_SAMPLES: Mapping[Kind, str] = {
    "string": "probe",
    "integer": "0",
    "number": "0",
    "boolean": "true",
    "timestamp": "2000-01-01T00:00:00Z",
    "date": "2000-01-01",
}


def page(feed: Feed) -> bytes:
    """CSV with the columns that the feed requires. Its own rules may reject the message."""
    samples = {column.name: (*column.values, _SAMPLES[column.kind])[0] for column in feed.columns}
    samples |= {"label": (*feed.labels, "")[0], "text": "probe"}
    message = ",".join(samples[name] for name in feed.required)
    # One column more than the header has.
    return f"{','.join(feed.required)}\n{message}\n{message},\n".encode()
