"""Where things lie in the buckets, as two parts must agree on it."""

PINS = "_pins/messages"
"""The pins of `messages`, in the bucket of the tables (`conf/versions/pins.py`)."""
PREDICTIONS = "predictions"
"""Tables of predictions, in the bucket of the tables (`training/score.py`)."""


def page_key(dataset: str, number: int) -> str:
    """The object key of a page in the bucket `landing`: the same page always has the same one."""
    return f"{dataset}/page-{number:06d}.csv"
