"""The OpenAPI document says what the service does: schemathesis asks in every way that it allows, and in some it does not."""

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from source_api.api import application
from source_api.feed import Feed
from source_api.pages import ruled
from source_api.positions import Positions, Terms

FILE = b"v1,v2,,,\r\n" + b"".join(b"ham,number %d,,,\r\n" % number for number in range(500))


@pytest.fixture
def described(tmp_path: Path) -> schemathesis.BaseSchema:
    positions = Positions(tmp_path / "positions.sqlite")
    terms = Terms("sample", "real", None, "0" * 64, 10)
    positions.settle(terms)
    # Schemathesis calls what it asks without a network `testserver`.
    app = application(Feed(terms, ruled(FILE), positions), "testserver")
    return schemathesis.openapi.from_asgi("/openapi.json", app)


def test_every_answer_is_as_documented(described: schemathesis.BaseSchema) -> None:
    asked = []
    for found in described.get_all_operations():
        operation = found.ok()  # type: ignore[union-attr]  # the document is a valid one

        @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
        @given(case=operation.as_strategy() | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
        def ask(case: Case[Any]) -> None:
            # Whether a confirmation is right depends on which pages were served: 412 and 428 are no schema's business.
            case.call_and_validate(excluded_checks=[positive_data_acceptance])

        ask()
        asked.append(operation.label)
    assert asked == ["POST /pages", "GET /pages", "PUT /pages/{number}/confirmation", "GET /status", "GET /health"]
