"""docs/tables.md names every column of every table with its type, and no other."""

import re

import pyarrow as pa
import pytest
import yaml

from conf.feeds.declaration import FOLDER
from conf.machine import ROOT
from conf.tables import MESSAGES, TABLES, Table

PAGE = (ROOT / "docs" / "tables.md").read_text("utf-8")
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| (.+) \|$", re.MULTILINE)


def described(table: Table) -> list[tuple[str, str, str]]:
    """Name, type and meaning of the columns below the table's title."""
    return ROW.findall(PAGE.partition(f"\n## {table.name}\n")[2].partition("\n## ")[0])


def short(kind: pa.DataType) -> str:
    return re.split(r"[\[(]", str(kind).replace("decimal128", "decimal"))[0]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_each_column_stands_there_in_its_order_with_its_type(table: Table) -> None:
    assert [(name, kind) for name, kind, _ in described(table)] == [(one.name, short(one.type)) for one in table.schema]


def test_what_the_feed_declares_stands_there_as_it_declares_it() -> None:
    [messages] = yaml.safe_load((FOLDER / "sms.yaml").read_text("utf-8"))["schema"]
    declared = {column["name"]: column["description"] for column in messages["properties"]}
    assert declared.items() <= {name: meaning for name, _, meaning in described(MESSAGES)}.items()
