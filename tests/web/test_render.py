"""Pages, addresses, times and numbers as the reader sees them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import UndefinedError

from exam_api.web import render
from exam_api.web.render import ErrorPage, Page, Renderer, RequestContext, respond

Reading = Callable[..., str]
RequestBy = Callable[..., RequestContext]

NOW = datetime(2027, 3, 12, 10, 42, 7, tzinfo=UTC)  # the moment of the request in conftest.py


@pytest.fixture
def reading(request_by: RequestBy) -> Reading:
    """Formatting as a request in some language sees it."""

    def read(function: Callable[..., object], *values: object, **changes: object) -> str:
        with render._rendering(request_by(**changes)):
            return str(function(*values))

    return read


@pytest.mark.parametrize(
    ("function", "locale", "shown"),
    [
        (
            render.show_datetime,
            "en",
            '<time datetime="2027-03-12T10:42:07+00:00">12 Mar 2027, 10:42\N{NO-BREAK SPACE}UTC</time>',
        ),
        (
            render.show_datetime,
            "de",
            '<time datetime="2027-03-12T10:42:07+00:00">12.03.2027, 10:42\N{NO-BREAK SPACE}UTC</time>',
        ),
        (render.show_date, "en", '<time datetime="2027-03-12T10:42:07+00:00">12 March 2027</time>'),
        (render.show_date, "de", '<time datetime="2027-03-12T10:42:07+00:00">12. März 2027</time>'),
        (render.show_clock, "de", '<time datetime="2027-03-12T10:42:07+00:00">10:42:07\N{NO-BREAK SPACE}UTC</time>'),
    ],
)
def test_times_say_their_day_in_the_readers_language(
    reading: Reading, function: Callable[..., object], locale: str, shown: str
) -> None:
    assert reading(function, NOW, locale=locale) == shown


def test_times_are_shown_where_the_reader_is(reading: Reading) -> None:
    assert "11:42:07" in reading(render.show_clock, NOW, timezone="Europe/Berlin")


def test_a_time_without_a_zone_is_refused(reading: Reading) -> None:
    with pytest.raises(ValueError, match="time zone"):
        reading(render.show_clock, datetime(2027, 3, 12))  # noqa: DTZ001  # the very mistake under test


def test_relative_times_point_the_right_way(reading: Reading) -> None:
    assert ">3 minutes ago<" in reading(render.show_relative, NOW - timedelta(minutes=3))
    assert ">in 2 hours<" in reading(render.show_relative, NOW + timedelta(hours=2))


@pytest.mark.parametrize(
    ("seconds", "length", "countdown"),
    [(0, "0 secs", "00:00"), (59, "59 secs", "00:59"), (5400, "1 hr 30 mins", "1:30:00"), (-5, None, "00:00")],
)
def test_lengths_of_time(reading: Reading, seconds: float, length: str | None, countdown: str) -> None:
    assert reading(render.show_countdown, seconds) == countdown
    assert reading(render.show_countdown, timedelta(seconds=seconds)) == countdown
    if length:
        assert reading(render.show_duration, timedelta(seconds=seconds)) == length


def test_numbers_are_written_as_the_reader_writes_them(reading: Reading) -> None:
    assert reading(render.show_number, 1234.567, locale="en") == "1,234.57"
    assert reading(render.show_number, 1234.567, locale="de") == "1.234,57"
    assert reading(render.show_percent, 0.714, 1, locale="en") == "71.4%"
    assert reading(render.show_percent, 0.714, 1, locale="de") == "71,4\xa0%"


@settings(max_examples=50, deadline=None)
@given(seconds=st.floats(min_value=-1e6, max_value=1e6))
def test_a_countdown_never_shows_more_than_is_left(seconds: float) -> None:
    hours, minutes, rest = ([0] + [int(part) for part in render.show_countdown(seconds).split(":")])[-3:]
    shown = hours * 3600 + minutes * 60 + rest
    assert shown == max(0, int(seconds))


def test_an_address_keeps_what_is_not_changed(reading: Reading) -> None:
    query = (("q", "a b"), ("page", "2"), ("tag", "x"), ("tag", "y"))
    assert reading(lambda: render.url_with(page=3), query=query) == "/exams?q=a+b&tag=x&tag=y&page=3"
    assert reading(lambda: render.url_with(q=None, page=None, tag=None), query=query) == "/exams"


@dataclass(frozen=True)
class Forgetful(Page):
    template: ClassVar[str] = "errors/error.html"
    status: int = 404


def test_a_page_that_forgets_a_variable_fails_loudly(renderer: Renderer, request_by: RequestBy) -> None:
    with pytest.raises(UndefinedError):
        renderer.html(Forgetful(), request_by())


def test_the_error_page_says_all_four_things(renderer: Renderer, request_by: RequestBy) -> None:
    page = ErrorPage(status=404, title="There is nothing here, or it is not yours to see.", reference="3fa9c2d1")
    shown = renderer.html(page, request_by())
    for needed in ("There is nothing here", "What was kept", "Next step", "3fa9c2d1"):
        assert needed in shown
    german = renderer.html(page, request_by(locale="de"))
    assert "Was erhalten blieb" in german


@pytest.mark.parametrize(
    ("theme", "attribute"),
    [("auto", 'data-theme="auto"'), ("dark", 'data-theme="dark"'), ("contrast-dark", 'data-theme="contrast-dark"')],
)
def test_the_theme_is_there_from_the_first_byte(
    renderer: Renderer, request_by: RequestBy, theme: str, attribute: str
) -> None:
    assert attribute in renderer.html(render.GalleryPage(), request_by(theme=theme))


def test_the_bar_shows_places_by_role(renderer: Renderer, request_by: RequestBy) -> None:
    page = ErrorPage(status=404, title="x", reference="y")
    operator = renderer.html(page, request_by(actor=render.ActorView("Op", frozenset({"operator"}))))
    assert "Operations" in operator
    assert "Marking" not in operator
    stranger = renderer.html(page, request_by(actor=None))
    assert 'href="/sign-in"' in stranger
    assert "Operations" not in stranger


def test_static_addresses_change_with_the_content(tmp_path: Path, request_by: RequestBy) -> None:
    (tmp_path / "a.css").write_text("one")
    first = Renderer(static_dir=tmp_path).static("a.css")
    (tmp_path / "a.css").write_text("two")
    assert Renderer(static_dir=tmp_path).static("a.css") != first
    assert Renderer(static_dir=tmp_path).static("absent.woff2") == "/static/absent.woff2"


def test_the_answer_names_its_language(renderer: Renderer, request_by: RequestBy) -> None:
    answer = respond(renderer, ErrorPage(status=404, title="x", reference="y"), request_by(locale="de"), 404)
    assert answer.status_code == 404
    assert answer.headers["content-language"] == "de"
