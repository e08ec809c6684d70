"""Says at the top of each run which data it tests with; a dataset that is named and cannot be read ends it."""

import pytest

from conf.settings import load


def pytest_report_header() -> str:
    """REAL or GENERATED data."""
    dataset = load().source.sms_spam_csv
    if dataset is None:
        return "data: GENERATED (SMS_SPAM_CSV is not set)"
    try:
        dataset.open("rb").close()
    except OSError as error:
        pytest.exit(f"SMS_SPAM_CSV={dataset} cannot be read: {error.strerror}. Name the export, or unset it.", 2)
    return f"data: REAL ({dataset})"
