"""The origin of a version is what the objects said that its rows come from, and nothing that landed later."""

from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import write_deltalake
from pydantic import SecretStr

from conf.settings import S3Access
from conf.tables import LEDGER
from conf.versions.address import Address
from training import origin

NOBODY = S3Access("http://127.0.0.1:9", "nobody", SecretStr("none"))  # the tables here lie in folders


def land(lake: Path, **said: str | None) -> None:
    """A version of `messages` for each identity, whose object said this origin."""
    for identity, where in said.items():
        ledger = {name: [None] for name in LEDGER.schema.names} | {
            "source_identity": [identity],
            "source_origin": [where],
        }
        write_deltalake(str(lake / "ledger"), pa.table(ledger, schema=LEDGER.schema), mode="append")
        rows = pa.table({"source_identity": [identity], "text": ["hi"]})
        write_deltalake(str(lake / "messages"), rows, mode="append")


@pytest.mark.parametrize(("version", "said"), [(0, "unknown"), (1, "real"), (2, "real"), (3, "generated+real")])
def test_each_version_has_the_origins_of_its_own_rows(tmp_path: Path, version: int, said: str) -> None:
    land(tmp_path, by_hand=None, first="real", again="real", other="generated")
    assert origin.read(Address.of(f"{tmp_path}/messages", NOBODY), version) == said


def test_a_table_without_a_ledger_beside_it_has_no_origin(tmp_path: Path) -> None:
    write_deltalake(str(tmp_path / "messages"), pa.table({"text": ["hi"]}))
    assert origin.read(Address.of(f"{tmp_path}/messages", NOBODY), 0) == "unknown"
