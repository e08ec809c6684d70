"""`spark-submit streaming/ingest.py`: every landed page becomes rows of the Delta tables."""

import logging
import sys
from typing import Annotated

import typer

from conf import jvm, session
from conf.errors import LakeError
from conf.settings import load
from streaming import lock, query
from streaming.patience import StoppedError

log = logging.getLogger(__name__)

# The driver holds the records of one micro-batch and the names of files, however much was ever loaded.
DRIVER_MEMORY = {"spark.driver.memory": "1g"}

AvailableNow = Annotated[
    bool, typer.Option(help="Load what has landed by now (of the last 30 s what is announced), then end.")
]


def ingest(available_now: AvailableNow = False) -> None:
    """Load landed pages into the Delta tables, for as long as it runs."""
    logging.basicConfig(format="%(asctime)s %(name)s: %(message)s", level=logging.INFO)
    logging.getLogger("py4j").setLevel(logging.WARNING)
    settings = load()
    stop = query.stop_on_signal()
    with lock.hold(settings.stream_lock):
        java = session.launching(DRIVER_MEMORY | jvm.launch())
        from streaming.service import serve  # noqa: PLC0415  # loaded while Java starts

        try:
            serve(settings, stop, available_now, java)
        except StoppedError:
            log.info("stopped while it waited")


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
app.command()(ingest)

if __name__ == "__main__":
    try:
        app()
    except LakeError as error:
        sys.exit(f"streaming: {error}")
