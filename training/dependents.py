"""The runs in MLflow that were trained on each version of a table. They can be repeated as long as that version can be read."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import httpx

from conf.settings import MlflowAccess
from training.errors import ServiceError
from training.mlflow_login import login

PATIENCE_SECONDS = 10
PAGE = 1000


def runs(access: MlflowAccess, location: str) -> dict[int, list[str]]:
    """The ids of the runs by version of the table at `location`. Raises `ServiceError` when MLflow does not tell."""
    found: dict[int, list[str]] = defaultdict(list)
    try:
        with httpx.Client(
            base_url=f"{access.url}/api/2.0/mlflow", auth=login(access), timeout=PATIENCE_SECONDS
        ) as client:
            experiments = [one["experiment_id"] for one in _all(client, "experiments", {})]
            wanted = {"experiment_ids": experiments, "filter": f"tags.table = '{location}'"}
            for run in _all(client, "runs", wanted) if experiments else ():
                tags = {tag["key"]: tag["value"] for tag in run["data"].get("tags", ())}
                if tags.get("table_version", "").isdecimal():
                    found[int(tags["table_version"])].append(run["info"]["run_id"])
    except (httpx.HTTPError, KeyError, ValueError) as error:
        raise ServiceError(f"MLflow at {access.url} does not tell its runs: {error}") from error
    return dict(found)


def _all(client: httpx.Client, what: str, wanted: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Everything that MLflow finds, page after page."""
    token = None
    while True:
        asked = wanted | {"max_results": PAGE} | ({"page_token": token} if token else {})
        answer = client.post(f"/{what}/search", json=asked).raise_for_status().json()
        yield from answer.get(what, ())
        token = answer.get("next_page_token")
        if not token:
            return
