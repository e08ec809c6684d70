"""Where a page of the source lies in the bucket `landing`."""


def page_key(dataset: str, number: int) -> str:
    """The object key of a page: the same page always has the same one."""
    return f"{dataset}/page-{number:06d}.csv"
