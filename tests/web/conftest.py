"""A renderer, a request, and a page server for the tests of how things look."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from exam_api.web.render import ActorView, Renderer, RequestContext

NOW = datetime(2027, 3, 12, 10, 42, 7, tzinfo=UTC)
ADA = ActorView("Ada Lovelace", frozenset({"candidate", "instructor"}))


@pytest.fixture(scope="session")
def renderer() -> Renderer:
    return Renderer()


@pytest.fixture
def request_by() -> Callable[..., RequestContext]:
    """A request, with the fields that the test cares about changed."""
    ordinary = RequestContext(locale="en", now=NOW, path="/exams", csrf_token="token-of-the-test", actor=ADA)
    return lambda **changes: replace(ordinary, **changes)
