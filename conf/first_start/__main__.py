"""What a new stack needs before it can be used: `python -m conf.first_start stores` and `… logins`. Each can be repeated."""

import sys

from conf.errors import LakeError
from conf.first_start import access, logins, secrets, topics
from conf.machine import environment
from conf.settings import Settings, load


def stores(settings: Settings) -> None:
    """No secret is a known default; each part has its user in MinIO; the query's topics exist."""
    secrets.refuse_unusable(environment(*secrets.NAMES), "the environment")
    access.grant(settings)
    topics.create(settings)


STEPS = {"stores": stores, "logins": logins.grant}

if __name__ == "__main__":
    try:
        STEPS[sys.argv[1]](load())
    except LakeError as error:
        sys.exit(f"first start: {error}")
