"""How fast large objects are decided that are already announced: `python -m tests.bench.large` (P2 of docs/performance.md).

The arms of `drain.py`, from the start of their processes to the last commit. The last run of the query is audited by content.
"""

from functools import partial
from typing import Annotated

import typer

from tests.bench import audit
from tests.bench.corpus import land, pages
from tests.bench.drain import Pairs, by_the_query, by_the_rival, granted, in_turns
from tests.bench.ratios import ratio
from tests.bench.results import Json, compared, keep

RECORDS = 230_000
"""Some 20 MB of the export."""
# A batch of eight objects, four for each of its workers. With what it takes of small ones it would hold all in memory.
BOUNDS = {"RIVAL_BATCH": "16", "RIVAL_SLICE": "4"}

Objects = Annotated[int, typer.Option(help="How many objects are landed.")]


def main(objects: Objects = 50, pairs: Pairs = 5, json: Json = None) -> None:
    """Drain the same objects by both arms, in turns, and compare."""
    with audit.certifiable("large-") as stack:
        bodies = pages(objects, RECORDS)
        megabytes = sum(map(len, bodies)) / 1e6
        land(stack, bodies)
        found = in_turns(stack, {"query": by_the_query, "rival": partial(by_the_rival, bounds=BOUNDS)}, pairs, objects)
        bucket = f"query-{pairs - 1}"
        granted(stack, bucket)
        certificate = audit.ask(stack, "--deep", DELTA_BUCKET=bucket).certificate
    speeds = {name: [one.whole * megabytes / objects for one in found[name]] for name in ("rival", "query")}
    goal = compared("P2", "MB a second of large objects, beside the rival", ratio(*speeds.values()), least=0.8)
    print(f"audit of the query's last run, by content: {'clean' if certificate['clean'] else 'NOT CLEAN'}")
    figures = {name: [one._asdict() for one in runs] for name, runs in found.items()}
    keep(json, [goal], {"objects": objects, "MB": megabytes, "figures": figures, "audit": certificate})


if __name__ == "__main__":
    typer.run(main)
