"""Every macro renders, escapes what it is given, and ties a control to its words."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import pytest
from jinja2 import ChoiceLoader, DictLoader, UndefinedError
from markupsafe import escape

from exam_api.web.i18n import WEB
from exam_api.web.render import GalleryPage, Page, Renderer, RequestContext

Draw = Callable[..., str]
RequestBy = Callable[..., RequestContext]

LIBRARIES = {"_components.html": "ui", "_forms.html": "form", "_data.html": "data"}
GALLERY = (WEB / "templates" / "gallery" / "index.html").read_text("utf-8")


@dataclass(frozen=True)
class Probe(Page):
    template: ClassVar[str] = "probe"
    text: str = '<b>"it\'s"</b>'


@pytest.fixture
def draw(request_by: RequestBy) -> Draw:
    """Draw one line of template with the component libraries at hand."""
    renderer = Renderer()
    environment = renderer.environment("en")
    ordinary = environment.loader
    assert ordinary is not None

    def draw_line(line: str, **changes: object) -> str:
        imports = "".join(f'{{% import "{file}" as {name} %}}' for file, name in LIBRARIES.items())
        environment.loader = ChoiceLoader([DictLoader({"probe": imports + line}), ordinary])
        return renderer.html(Probe(), request_by(**changes))

    return draw_line


def test_the_gallery_renders_in_every_language(renderer: Renderer, request_by: RequestBy) -> None:
    for locale in ("en", "de"):
        page = renderer.html(GalleryPage(), request_by(locale=locale))
        assert f'<html lang="{locale}"' in page


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_gallery_shows_every_macro(library: str) -> None:
    source = (WEB / "templates" / library).read_text("utf-8")
    macros = [name for name in re.findall(r"macro (\w+)\(", source) if not name.startswith("_")]
    shown = [name for name in macros if not re.search(rf"\b{LIBRARIES[library]}\.{name}\(", GALLERY)]
    assert [
        name for name in shown if name not in {"toasts", "chart"}
    ] == []  # in base.html; inside the two chart macros


def test_ids_on_the_gallery_are_unique(renderer: Renderer, request_by: RequestBy) -> None:
    ids = re.findall(r'\sid="([^"]+)"', renderer.html(GalleryPage(), request_by()))
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    "line",
    [
        "{{ ui.button(text) }}",
        "{{ ui.button(text, href=text, attrs={'title': text}) }}",
        "{{ ui.badge(text, 'ok') }}",
        "{{ ui.notice('problem', text, text) }}",
        "{{ ui.page_head(text, lead=text, eyebrow=text) }}",
        "{{ form.field(text, text, value=text, hint=text, error=text) }}",
        "{{ form.textarea('name', text, value=text) }}",
        "{{ form.select('name', text, [(text, text)]) }}",
        "{{ form.choices('name', text, [(text, text, text)]) }}",
        "{{ form.errors([(text, text)]) }}",
        "{{ data.facts([(text, text)]) }}",
        "{% call(row) data.table(text, [{'label': text, 'key': text}], [1]) %}<td>{{ text }}</td>{% endcall %}",
        "{{ data.bar_chart(text, text, [(text, 1, none)], text, text) }}",
    ],
)
def test_text_cannot_become_markup(draw: Draw, line: str) -> None:
    drawn = draw(line)
    assert "<b>" not in drawn
    assert "&lt;b&gt;" in drawn


def test_a_macro_refuses_what_it_does_not_know(draw: Draw) -> None:
    with pytest.raises((UndefinedError, KeyError)):
        draw("{{ ui.button('Go', icon_name='no-such-drawing') }}")
    with pytest.raises(UndefinedError):
        draw("{{ nothing_of_this_name }}")


def test_a_link_that_is_off_is_a_button(draw: Draw) -> None:
    assert draw("{{ ui.button('Go', href='/go') }}").startswith('<a class="button')
    off = draw("{{ ui.button('Go', href='/go', disabled=true) }}")
    assert off.startswith("<button")
    assert " disabled" in off


def test_a_field_says_what_is_wrong_beside_itself(draw: Draw) -> None:
    drawn = draw("{{ form.field('mail', 'E-mail', hint='Work address', error='This is empty') }}")
    assert '<label class="field__label" for="mail">' in drawn
    assert 'aria-describedby="mail-error mail-hint" aria-invalid="true"' in drawn
    assert 'id="mail-error"' in drawn
    assert 'id="mail-hint"' in drawn
    assert "aria-" not in draw("{{ form.field('mail', 'E-mail') }}")


def test_a_posting_form_carries_the_token_and_a_getting_one_does_not(draw: Draw) -> None:
    assert 'value="token-of-the-test"' in draw("{% call form.form('/go') %}{% endcall %}")
    assert "token" not in draw("{% call form.form('/go', method='get') %}{% endcall %}")


def test_a_sorted_column_turns_round_and_keeps_the_filter(draw: Draw) -> None:
    line = "{% call(row) data.table('T', [{'label': 'Name', 'key': 'name'}, {'label': 'Points'}], [1], sort='name') %}<td></td>{% endcall %}"
    drawn = draw(line, query=(("q", "ada"), ("page", "3"), ("sort", "name")))
    assert 'aria-sort="ascending"' in drawn
    assert f'href="{escape("/exams?q=ada&sort=-name")}"' in drawn


def test_pagination_is_silent_with_one_page(draw: Draw) -> None:
    assert draw("{{ data.pagination(1, 1, 7) }}").strip() == ""
    drawn = draw("{{ data.pagination(1, 2, 7) }}")
    assert 'rel="next"' in drawn
    assert 'rel="prev"' not in drawn


def test_all_zero_is_still_a_chart(draw: Draw) -> None:
    assert drawn_heights(draw("{{ data.column_chart('T', 'S', [('a', 0, none), ('b', 0, none)], 'x', 'y') }}")) == [
        "0.0",
        "0.0",
    ]


def drawn_heights(svg: str) -> list[str]:
    return re.findall(r'width="76" height="([\d.]+)"', svg)
