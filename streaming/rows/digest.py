"""The hash of one row, and so the digest of a table version: row count and sum of the row hashes.

The sum depends on neither order nor file layout; a sum, because with xor two equal rows would cancel out.
"""

import hashlib
import json


def row_hash(*values: str | int | None) -> int:
    """A signed 64-bit hash of the values in their order; null is a value of its own.

    BLAKE2b (RFC 7693) with 8 bytes of output over the values as a JSON array in UTF-8, so that any reader can compute
    it again without Spark.
    """
    canonical = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(canonical, digest_size=8).digest(), "big", signed=True)
