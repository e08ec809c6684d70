"""The pages that benchmarks land: a hundred records each as a rule, of the real export where it is there, else of the generated one."""

import io
from concurrent.futures import ThreadPoolExecutor
from threading import local

from conf.settings import load
from source_api.corpus.messages import export
from tests.faults.landing import Landed
from tests.faults.ministack import MiniStack

RECORDS = 100
AT_ONCE = 8
"""PUTs under way."""


def pages(number: int, records: int = RECORDS) -> list[bytes]:
    """So many pages; each begins one record later than the one before."""
    header, rows = _export()
    starts = len(rows)
    rows *= 2 + records // starts
    return [b"\r\n".join([header, *rows[one % starts : one % starts + records], b""]) for one in range(number)]


def whole() -> list[bytes]:
    """Each record once, in pages of a hundred."""
    header, rows = _export()
    return [b"\r\n".join([header, *rows[at : at + RECORDS], b""]) for at in range(0, len(rows), RECORDS)]


def _export() -> tuple[bytes, list[bytes]]:
    file = load().source.sms_spam_csv
    header, *rows = (file.read_bytes() if file else export(1)).rstrip().split(b"\r\n")
    return header, rows


def land(stack: MiniStack, bodies: list[bytes], prefix: str = "bench") -> list[Landed]:
    """Each is one object of the landing bucket, announced."""
    bucket, own = stack.settings.minio.landing_bucket, local()

    def put(number: int) -> Landed:
        if not hasattr(own, "minio"):
            own.minio = stack.client()
        key, body = f"{prefix}/{number:06d}.csv", bodies[number]
        written = own.minio.put_object(bucket, key, io.BytesIO(body), len(body))
        return Landed(key, written.version_id, str(written.etag), "page", "as parsed")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(put, range(len(bodies))))
