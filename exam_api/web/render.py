"""From a page's variables to HTML: one renderer, one context per request, and what every template may use.

A page is a frozen dataclass that names its template; its fields are the template's variables, and a name that is not
there is an error (StrictUndefined), not an empty place. Nothing here knows a feature.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any, ClassVar, Final, Literal
from urllib.parse import quote, urlencode

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta, get_timezone
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from exam_api.web.i18n import LANGUAGES, LOCALE_DIR, WEB, Catalogues, _
from exam_api.web.sentences import Say, in_drawing, sentences

Theme = Literal["auto", "light", "dark", "contrast-light", "contrast-dark"]
Tone = Literal["ok", "attention", "problem", "info"]
# English is written here with the day before the month, which no reader takes for the other.
FORMAT_LOCALES: Final[Mapping[str, str]] = {"en": "en_GB"}
THEMES: Final[Mapping[Theme, str]] = {
    "auto": _("As this device"),
    "light": _("Light"),
    "dark": _("Dark"),
    "contrast-light": _("High contrast, light"),
    "contrast-dark": _("High contrast, dark"),
}
THEME_COOKIE: Final = "theme"
CSRF_FIELD: Final = "csrf_token"


@dataclass(frozen=True)
class Page:
    """Base of every page: subclass it as a frozen dataclass, one field per template variable."""

    template: ClassVar[str]


@dataclass(frozen=True)
class ActorView:
    """Who is signed in, as the header shows it."""

    name: str
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Notice:
    """One sentence about what just happened, shown once on the next page."""

    tone: Tone
    text: str


@dataclass(frozen=True)
class RequestContext:
    """What every page knows about its request. `query` is the URL's query in order; `timezone` an IANA name."""

    locale: str
    now: datetime
    path: str
    csrf_token: str
    theme: Theme = "auto"
    actor: ActorView | None = None
    timezone: str = "UTC"
    query: tuple[tuple[str, str], ...] = ()
    notices: tuple[Notice, ...] = field(default=())

    def has(self, *roles: str) -> bool:
        """Whether the signed-in person has any of these roles."""
        return self.actor is not None and not self.actor.roles.isdisjoint(roles)


@dataclass(frozen=True)
class ErrorPage(Page):
    """The page for everything that went wrong: what happened, what was kept, the next step, a reference number."""

    template: ClassVar[str] = "errors/error.html"
    status: int
    title: str
    reference: str
    detail: str | None = None
    kept: str | None = None
    next_step: str | None = None
    next_href: str = "/"
    next_label: str | None = None


@dataclass(frozen=True)
class GalleryPage(Page):
    """Every component in every state, for whoever builds a page."""

    template: ClassVar[str] = "gallery/index.html"


# Macros are imported without the page's variables, yet csrf_field() and the time filters need the request: rendering is
# synchronous, so the request being rendered is one context variable, set and reset around each page.
_request: ContextVar[RequestContext] = ContextVar("request")


@contextmanager
def _rendering(context: RequestContext) -> Iterator[None]:
    token = _request.set(context)
    try:
        yield
    finally:
        _request.reset(token)


class Renderer:
    """Renders pages. One per process; templates are compiled once per language."""

    def __init__(
        self,
        templates_dir: Path = WEB / "templates",
        static_dir: Path = WEB / "static",
        catalogues: Catalogues | None = None,
        static_url: str = "/static",
    ) -> None:
        self._static_dir = static_dir
        self._static_url = static_url
        self._version = cache(self._read_version)
        loaded = catalogues or Catalogues.load(LOCALE_DIR)
        self._says = {language: sentences(language, loaded.words[language]) for language in LANGUAGES}
        self._environments = {language: self._environment(templates_dir, language, loaded) for language in LANGUAGES}

    def html(self, page: Page, context: RequestContext) -> str:
        """The page as HTML. Raises jinja2.UndefinedError when the template uses a name the page does not have."""
        template = self.environment(context.locale).get_template(page.template)
        variables = {item.name: getattr(page, item.name) for item in fields(page)}
        with _rendering(context):
            return template.render(variables, page=page, ctx=context)

    def environment(self, locale: str) -> Environment:
        """The Jinja environment of a language; an unknown one speaks English."""
        return self._environments.get(locale, self._environments["en"])

    def say(self, locale: str, text: str) -> str:
        """A text that code or a core wrote in English, in that language; what is not known stays as it is."""
        return self._says.get(locale, str)(text)

    def static(self, path: str) -> str:
        """The address of a static file, with a hash of its content so that it may be cached for ever."""
        return f"{self._static_url}/{quote(path)}{self._version(path)}"

    def _read_version(self, path: str) -> str:
        file = self._static_dir / path
        # Files fetched at set-up may be absent; the page still stands, so the address is then plain.
        return f"?v={hashlib.sha256(file.read_bytes()).hexdigest()[:12]}" if file.is_file() else ""

    def _environment(self, templates_dir: Path, language: str, catalogues: Catalogues) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(templates_dir),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        )
        # The i18n extension adds this method at run time, so it has no type.
        install: Any = environment.install_gettext_translations  # type: ignore[attr-defined]  # added by jinja2.ext.i18n
        install(catalogues[language], newstyle=True)
        environment.policies["ext.i18n.trimmed"] = True
        environment.filters.update(FILTERS)
        environment.globals.update(
            t=_translator(self._says[language]),
            drawing=partial(in_drawing, say=self._says[language]),
            static=self.static,
            csrf_field=csrf_field,
            url_with=url_with,
            current=_request.get,
            languages=LANGUAGES,
            themes=THEMES,
        )
        return environment


def respond(renderer: Renderer, page: Page, context: RequestContext, status: int = 200) -> HTMLResponse:
    """The page as an HTTP answer in the request's language."""
    headers = {"Content-Language": context.locale, "Vary": "Cookie, Accept-Language"}
    return HTMLResponse(renderer.html(page, context), status, headers)


def _translator(say: Say) -> Callable[..., str]:
    """For sentences that come from code and the cores: a per cent sign in one without placeholders is just that."""

    def translate(message: str | None, **values: object) -> str:
        text = say(message) if message else ""
        return text % values if values else text

    return translate


def csrf_field() -> Markup:
    """The hidden field that proves a form came from our own page."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(CSRF_FIELD, _request.get().csrf_token)


def url_with(**changes: object) -> str:
    """This page's address with some query parameters changed, and those that are None taken out."""
    request = _request.get()
    kept = [(name, value) for name, value in request.query if name not in changes]
    query = urlencode(kept + [(name, str(value)) for name, value in changes.items() if value is not None])
    return f"{request.path}?{query}" if query else request.path


# --- how times and numbers read ---


def _format_locale() -> str:
    locale = _request.get().locale
    return FORMAT_LOCALES.get(locale, locale)


def _time(value: datetime | date, text: str) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), text)


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a time on a page needs its time zone")
    return value.astimezone(get_timezone(_request.get().timezone))


def _zone(local: datetime) -> str:
    """Whoever reads a time must not guess whose it is; it never stands alone on the next line."""
    return f"\N{NO-BREAK SPACE}{local.tzname()}"


def show_datetime(value: datetime, style: str = "medium") -> Markup:
    """Day and time of day in the reader's language, with the zone's name, e.g. `12 Mar 2027, 10:42 UTC`."""
    local, locale = _aware(value), _format_locale()
    day = format_date(local.date(), style, locale=locale)
    hour = format_time(local, "HH:mm", tzinfo=local.tzinfo, locale=locale)
    return _time(value, f"{day}, {hour}{_zone(local)}")


def show_date(value: datetime | date, style: str = "long") -> Markup:
    """The day only, e.g. `12 March 2027`; a calendar day is the same for every reader."""
    day = _aware(value).date() if isinstance(value, datetime) else value
    return _time(value, format_date(day, style, locale=_format_locale()))


def show_clock(value: datetime) -> Markup:
    """The time of day to the second, with the zone's name, e.g. `10:42:07 UTC`."""
    local = _aware(value)
    hour = format_time(local, "HH:mm:ss", tzinfo=local.tzinfo, locale=_format_locale())
    return _time(value, f"{hour}{_zone(local)}")


def show_relative(value: datetime) -> Markup:
    """How far from now, e.g. `3 minutes ago`; the full time is in the element."""
    text = format_timedelta(value - _request.get().now, add_direction=True, locale=_format_locale())
    return _time(value, text)


def show_duration(value: timedelta | float) -> str:
    """A length of time in at most two units, e.g. `1 hr 30 min`; a number means seconds."""
    seconds = round(value.total_seconds() if isinstance(value, timedelta) else value)
    parts = {"hour": seconds // 3600, "minute": seconds % 3600 // 60, "second": seconds % 60}
    used = [(unit, count) for unit, count in parts.items() if count][:2] or [("second", 0)]
    locale = _format_locale()
    return " ".join(format_unit(count, f"duration-{unit}", "short", locale=locale) for unit, count in used)


def show_countdown(value: timedelta | float) -> str:
    """What is left on a clock, e.g. `1:24:07` or `04:59`; never below zero; a number means seconds."""
    seconds = max(0, int(value.total_seconds() if isinstance(value, timedelta) else value))
    hours, minutes, rest = seconds // 3600, seconds % 3600 // 60, seconds % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def show_number(value: float, digits: int = 2) -> str:
    """A number with at most `digits` decimals, in the reader's notation."""
    return str(format_decimal(round(value, digits), locale=_format_locale()))


def show_percent(value: float, digits: int = 0) -> str:
    """A share between 0 and 1 as per cent."""
    pattern: str = Locale.parse(_format_locale()).percent_formats[None].pattern
    if digits:
        pattern = pattern.replace("0", "0." + "#" * digits, 1)
    return str(format_percent(value, pattern, locale=_format_locale()))


def show_size(value: int) -> str:
    """How much a file holds, e.g. `12 kB` or `1.4 MB`."""
    locale = _format_locale()
    if value < 2**20:
        return f"{format_decimal(max(1, round(value / 1024)), locale=locale)} kB"
    return f"{format_decimal(round(value / 2**20, 1), locale=locale)} MB"


FILTERS: Final[Mapping[str, Any]] = {
    "datetime": show_datetime,
    "date": show_date,
    "clock": show_clock,
    "relative": show_relative,
    "duration": show_duration,
    "countdown": show_countdown,
    "number": show_number,
    "percent": show_percent,
    "filesize": show_size,
}
