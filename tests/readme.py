"""The feeds that the README declares."""

import re
from pathlib import Path

from conf.machine import ROOT
from streaming.feeds import declaration
from streaming.feeds.feed import Feed

EXAMPLES = {
    found[1]: found[0]
    for found in re.finditer(
        r"(?<=```yaml\n)(?:(?!```).)*?\bid: (\w+),.*?(?=```)", (ROOT / "README.md").read_text("utf-8"), re.DOTALL
    )
}


def declared(name: str, folder: Path) -> Path:
    """The example of this name as a file."""
    file = folder / f"{name}.yaml"
    file.write_text(EXAMPLES[name], "utf-8")
    return file


def feed(name: str, folder: Path) -> Feed:
    """The same, read."""
    return declaration.read(str(declared(name, folder)))
