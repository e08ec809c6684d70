"""Where the messages of a table version came from, according to the objects that brought them."""

from dataclasses import replace

import pyarrow as pa
from deltalake import QueryBuilder
from deltalake.exceptions import DeltaError, TableNotFoundError

from conf.tables import LEDGER
from conf.versions.address import Address
from training.errors import SnapshotError

UNKNOWN = "unknown"

ORIGINS = """
    SELECT DISTINCT source_origin FROM ledger
    WHERE source_origin IS NOT NULL AND source_identity IN (SELECT source_identity FROM messages)
    ORDER BY source_origin
"""


def read(address: Address, version: int) -> str:
    """`real`, `generated`, or both as `generated+real`; `unknown` where no object says, or no ledger lies beside the table.

    An object that was put into the bucket by hand has no origin, and changes nothing. Needs no Spark. Raises
    `SnapshotError`.
    """
    beside = replace(address, name=LEDGER.name)
    try:
        ledger, messages = beside.open(), address.open(version)
        if "source_identity" not in {field.name for field in messages.schema().fields}:
            return UNKNOWN
        query = QueryBuilder().register("ledger", ledger).register("messages", messages)
        found = pa.table(query.execute(ORIGINS))
    except TableNotFoundError:
        return UNKNOWN
    except DeltaError as error:
        raise SnapshotError(f"The ledger at {beside} cannot be read: {str(error).splitlines()[0]}") from error
    return "+".join(found["source_origin"].to_pylist()) or UNKNOWN
