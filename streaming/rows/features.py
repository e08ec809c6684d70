"""Features of a message: its length, digits, share of capitals, and whether it names a URL or an amount of money.

Arrow's regular expressions (RE2): a tenth of what Spark's cost (measured: 1 s for 100,000 rows with Spark's).
"""

import pyarrow as pa
import pyarrow.compute as pc

_URL = r"(?i)\b(?:https?://|www\.)\S+|\b[a-z0-9-]+\.(?:com|net|org|co\.uk|tv|biz|info)\b"
_CURRENCY = r"(?i)[£$€¥]\s?\d|\b\d+(?:\.\d+)?\s?(?:pounds?|dollars?|euros?|quid|p(?:/|\b))"


def with_features(rows: pa.Table) -> pa.Table:
    """The same messages with the columns that describe their text."""
    for name, values in features(rows["text"]).items():
        index = rows.schema.get_field_index(name)
        rows = rows.set_column(index, rows.schema.field(index), values.cast(rows.schema.field(index).type))
    return rows


def features(text: pa.ChunkedArray) -> dict[str, pa.ChunkedArray]:
    """Each feature's values, in the order of the texts. No text is empty."""
    length = pc.utf8_length(text)
    capitals = pc.count_substring_regex(text, r"\p{Lu}")
    return {
        "length": length,
        "digits": pc.count_substring_regex(text, r"\d"),
        "upper_share": pc.divide(capitals.cast(pa.float64()), length.cast(pa.float64())),
        "has_url": pc.match_substring_regex(text, _URL),
        "has_currency": pc.match_substring_regex(text, _CURRENCY),
    }
