"""What a page was parsed to, record by record."""

from streaming.page.parser import Page

HEADER = b"v1,v2,,,\r\n"


def texts(page: Page) -> list[tuple[int, str]]:
    return [(message.source_row, message.text) for message in page.messages]


def rules(page: Page) -> list[tuple[int, str]]:
    return [(row.source_row, row.rule) for row in page.rejected]
