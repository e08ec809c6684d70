"""Pages of the SMS feed as the query parses them."""

from streaming.feeds import declaration
from streaming.page import chain, parser
from streaming.page.limits import DEFAULT, Limits
from streaming.page.parser import Located, Page

SMS = declaration.read("sms")
CHAINS = tuple(map(chain.of, SMS.damages))


def parse(body: bytes, limits: Limits = DEFAULT) -> Page:
    return parser.parse(body, SMS, limits)


def located(body: bytes, source_row: int) -> Located | None:
    return parser.located(body, source_row, SMS)
