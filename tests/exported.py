"""The messages of the real export where it is there, else of the generated one: parsed and cleaned as the streaming query does it."""

import pandas as pd

from conf.settings import load
from source_api.corpus.messages import export
from streaming.rows.digest import row_hash
from tests.sms import parse


def messages() -> pd.DataFrame:
    """`label`, `text` and `row_hash` of each, in the order of the file."""
    file = load().source.sms_spam_csv
    page = parse(file.read_bytes() if file else export(1))
    return pd.DataFrame(
        [(one.label, one.text, row_hash(one.text)) for one in page.messages], columns=["label", "text", "row_hash"]
    )
