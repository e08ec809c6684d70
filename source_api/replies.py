"""What the source API answers with, as data and as documentation."""

import base64
from typing import Any, Literal

from pydantic import BaseModel, Field

from source_api.feed import Feed
from source_api.positions import Origin, Place, Terms


class Health(BaseModel):
    """The service answers."""

    status: Literal["ok"] = "ok"


class ServedPage(BaseModel):
    """A page that was given to a client under its key."""

    number: int = Field(description="Number of the page, from 1.")
    key: str = Field(description="The Idempotency-Key that gets this page again.")
    records: int = Field(description="Records on the page, the header not counted.")
    bytes: int = Field(description="Length of the page, the header included.")
    sha256: str = Field(description="SHA-256 of the page's bytes, in hex; also its ETag.")


class Status(BaseModel):
    """Which dataset is handed out and how far it has got."""

    dataset: str = Field(description="Short name of the dataset.")
    origin: Origin = Field(description="`real`, or `generated` where no dataset could be had.")
    seed: int | None = Field(description="Seed of a generated dataset.")
    sha256: str = Field(description="SHA-256 of the whole dataset file, in hex.")
    records: int = Field(description="Records in the dataset.")
    pages: int = Field(description="Pages that makes at this page size.")
    page_records: int = Field(description="Records on a page; the last one may have fewer.")
    pages_served: int = Field(description="Pages given to anybody; the sum of the next three.")
    pages_confirmed: int = Field(description="Pages whose client has confirmed them.")
    pages_unconfirmed: int = Field(description="Pages whose client has not confirmed them yet.")
    served_elsewhere: int = Field(
        description="Pages an earlier version gave away without a key. Nobody can ask for them again."
    )
    records_served: int = Field(description="Records on the pages that were given away under a key.")
    remaining: int = Field(description="Pages not served yet.")


def status(feed: Feed) -> Status:
    """The feed as it stands now."""
    counts = feed.counts()
    return Status(
        dataset=feed.terms.dataset,
        origin=feed.terms.origin,
        seed=feed.terms.seed,
        sha256=feed.terms.sha256,
        records=feed.sheet.records,
        pages=feed.pages_after(0),
        page_records=feed.terms.page_records,
        pages_served=counts.served,
        pages_confirmed=counts.confirmed,
        pages_unconfirmed=counts.unconfirmed,
        served_elsewhere=counts.elsewhere,
        records_served=counts.records,
        remaining=feed.pages_after(counts.next_record),
    )


def page_headers(place: Place, terms: Terms) -> dict[str, str]:
    """The headers that describe a page. No charset is claimed: the export's is not one of the registered ones."""
    digest = base64.b64encode(bytes.fromhex(place.sha256)).decode()
    return {
        "Content-Type": "text/csv",
        "ETag": f'"{place.sha256}"',
        "Repr-Digest": f"sha-256=:{digest}:",
        "Page-Number": str(place.number),
        "Page-Records": str(place.records),
        "Dataset": terms.dataset,
        "Dataset-Origin": terms.origin,
    }


def _header(description: str, kind: str = "string") -> dict[str, Any]:
    return {"description": description, "required": True, "schema": {"type": kind}}


PAGE: dict[str, Any] = {
    "description": "A page: the file's header line and whole records, byte for byte as in the file.",
    "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}},
    "headers": {
        "Content-Length": _header("Exact length of the page.", "integer"),
        "ETag": _header("SHA-256 of the page in hex, quoted."),
        "Repr-Digest": _header("SHA-256 of the page as `sha-256=:<base64>:` (RFC 9530)."),
        "Page-Number": _header("Number of the page, from 1.", "integer"),
        "Page-Records": _header("Records on the page, the header not counted.", "integer"),
        "Dataset": _header("Short name of the dataset."),
        "Dataset-Origin": _header("`real` or `generated`."),
    },
}
NOTHING_LEFT: dict[str, Any] = {
    "description": "Nothing has accumulated since the last page; the key stays unused.",
    "headers": {"Retry-After": _header("Seconds to wait before asking again.", "integer")},
}
