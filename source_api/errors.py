"""What can go wrong in the source API. Every message holds the thing, its value and the remedy."""


class SourceError(Exception):
    """Root of the family."""


class DatasetError(SourceError):
    """At the start: a file is missing, cannot be read, or is not the SMS spam export."""


class StoreConflictError(SourceError):
    """At the start: the position store belongs to another dataset or page size, or is no store at all."""


class DownloadError(SourceError):
    """The export could not be downloaded, or what came is not the export."""


class PageNotServedError(SourceError):
    """A confirmation names a page that nobody was given."""


class DigestMissingError(SourceError):
    """A confirmation does not say which bytes it confirms."""


class DigestMismatchError(SourceError):
    """A confirmation is for other bytes than the page's."""
