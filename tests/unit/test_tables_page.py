"""docs/tables.md names every column of every table with its type and what it is, as Delta has it, and no other."""

import re

import pyarrow as pa
import pytest

from conf.machine import ROOT
from conf.tables import TABLES, Table

PAGE = (ROOT / "docs" / "tables.md").read_text("utf-8")
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| (.+) \|$", re.MULTILINE)


def described(table: Table) -> list[tuple[str, str, str]]:
    """Name, type and meaning of the columns below the table's title."""
    return ROW.findall(PAGE.partition(f"\n## {table.name}\n")[2].partition("\n## ")[0])


def short(kind: pa.DataType) -> str:
    return re.split(r"[\[(]", str(kind).replace("decimal128", "decimal"))[0]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_each_column_stands_there_in_its_order_with_its_type_and_meaning(table: Table) -> None:
    declared = [(one.name, short(one.type), table.meanings[one.name]) for one in table.schema]
    assert [
        (name, kind, told.replace("([cleaning.md](cleaning.md))", "(docs/cleaning.md)"))
        for name, kind, told in described(table)
    ] == declared
    assert list(table.meanings) == table.schema.names
