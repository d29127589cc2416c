"""What must hold for every template, whoever wrote it."""

import re
from pathlib import Path

import pytest

from exam_api.web.i18n import WEB
from exam_api.web.render import Renderer

TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
NAMES = [path.relative_to(WEB / "templates").as_posix() for path in TEMPLATES]
FORBIDDEN = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "a script without a file": re.compile(r"<script\b(?![^>]*\ssrc=)", re.IGNORECASE),
    "an event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a script address": re.compile(r"=\s*[\"']?javascript:", re.IGNORECASE),
    "a file of another host": re.compile(
        r"<(?:script|link|img)\b[^>]*(?:src|href)=[\"']?(?:https?:)?//", re.IGNORECASE
    ),
}


@pytest.mark.parametrize("name", NAMES)
def test_template_parses(renderer: Renderer, name: str) -> None:
    assert renderer.environment("en").get_template(name).name == name


@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_the_content_security_policy_stops_nothing(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL)
    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(text)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_forms_that_change_something_carry_the_token(path: Path) -> None:
    text = path.read_text("utf-8")
    for form in re.findall(r"<form\b[^>]*method=[\"']?post.*?</form>", text, re.DOTALL | re.IGNORECASE):
        assert "csrf_field()" in form


def test_scripts_are_modules_without_inline_styles() -> None:
    for script in (WEB / "static" / "js").glob("*.js"):
        text = script.read_text("utf-8")
        assert ".innerHTML" not in text, script.name
        assert "eval(" not in text, script.name


def test_icons_are_never_unknown(renderer: Renderer) -> None:
    paths = renderer.environment("en").get_template("_icons.html").module.__dict__["paths"]
    named = re.compile(r"(?:icon\(|icon_name=|icon_after=)\"([\w-]+)\"")
    for path in TEMPLATES:
        assert set(named.findall(path.read_text("utf-8"))) <= set(paths), path.name
