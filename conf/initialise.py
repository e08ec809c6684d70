"""What a new compose stack needs once, by `python -m conf.initialise stores` and `… logins`. Each can be repeated.

The local stack takes the same steps between the starts of its services (`conf/stack.py`).
"""

import sys

from conf import access, credentials, topics, tracking_logins
from conf.errors import LakeError
from conf.settings import Settings, load


def stores(settings: Settings) -> None:
    """No secret is a known default; each part has its user in MinIO; the query's topics exist."""
    credentials.refuse_known_defaults(settings)
    access.grant(settings)
    topics.create(settings)


STEPS = {"stores": stores, "logins": tracking_logins.grant}

if __name__ == "__main__":
    try:
        STEPS[sys.argv[1]](load())
    except LakeError as error:
        sys.exit(f"initialise: {error}")
