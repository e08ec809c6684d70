"""The dataset, its pages and their holders as one object, for which the HTTP interface speaks."""

from dataclasses import dataclass

from source_api.accumulation import ALL_AT_ONCE, Accumulation
from source_api.errors import DigestMismatchError, DigestMissingError, PageNotServedError
from source_api.pages import Page, Sheet
from source_api.positions import Counts, Place, Positions, Terms


@dataclass(frozen=True)
class Feed:
    """A dataset that is handed out page by page, each page to one client only."""

    terms: Terms
    sheet: Sheet
    positions: Positions
    accumulation: Accumulation = ALL_AT_ONCE

    def take(self, key: str) -> tuple[Place, bytes] | None:
        """The page of `key`, or the next one; `None` when nothing has accumulated. Stored as given before it is returned.

        A page holds what came in since the last one, at most as many records as the terms say.
        """
        place = self.positions.take(key, self._page_from)
        if place is None:
            return None
        return place, self.sheet.page(place.first_record, place.records).content

    def confirm(self, number: int, if_match: str | None) -> None:
        """Note that a client has page `number`, named by its digest as an entity tag (RFC 9110, If-Match).

        Raises `PageNotServedError`, `DigestMissingError` or `DigestMismatchError`.
        """
        place = self.positions.place(number)
        if place is None:
            raise PageNotServedError(
                f"Page {number} was never served, only 1 to {self.counts().served}. Confirm one of those."
            )
        tag = f'"{place.sha256}"'
        if if_match is None:
            raise DigestMissingError(f"Confirming page {number} needs If-Match with the ETag the page came with.")
        if tag not in (given.strip() for given in if_match.split(",")):
            raise DigestMismatchError(
                f"If-Match is {if_match}, page {number} is {tag}. Ask for the page again with its Idempotency-Key."
            )
        self.positions.confirm(number)

    def listed(self, *, confirmed: bool, after: int, limit: int) -> list[Place]:
        """The first `limit` pages beyond number `after` that their clients have confirmed, or have not."""
        return self.positions.listed(confirmed=confirmed, after=after, limit=limit)

    def counts(self) -> Counts:
        """What became of the pages so far."""
        return self.positions.counts()

    def pages_after(self, record: int) -> int:
        """How many pages the records from `record` on make; from 0, all of them."""
        return -((record - self.sheet.records) // self.terms.page_records)

    def retry_after(self) -> int:
        """Seconds after which it makes sense to ask again when nothing has accumulated."""
        return self.accumulation.next_after()

    def _page_from(self, record: int) -> Page | None:
        waiting = self.accumulation.arrived(self.sheet.records) - record
        page = self.sheet.page(record, max(0, min(waiting, self.terms.page_records)))
        return page if page.records else None
