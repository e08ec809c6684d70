"""How a container shows that it can be used: exit code 0 when it is.

`probe.py URL [TEXT]` asks a page, which must contain the text; `probe.py URL --heartbeat NAME` asks Airflow's health page
for one component. Nothing but Python's own library: it runs every few seconds, and httpx alone takes longer to import.
"""

import json
import sys
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

SECONDS = 5


def main(url: str, *wanted: str) -> None:
    """Ends with a sentence that says what is not as it must be; Docker keeps it as the container's health log."""
    try:
        # No proxy of the machine's is asked for a neighbour.
        with build_opener(ProxyHandler({})).open(url, timeout=SECONDS) as answer:
            text = answer.read().decode(errors="replace")
    except URLError as error:
        sys.exit(f"{url}: {error}")
    if wanted[:1] == ("--heartbeat",):
        told = json.loads(text)[wanted[1]]
        if told["status"] != "healthy":
            sys.exit(f"{url}: {wanted[1]} is {told['status']}")
    elif wanted and wanted[0] not in text:
        sys.exit(f"{url} does not show {wanted[0]!r}")


if __name__ == "__main__":
    main(*sys.argv[1:])
