"""The content security policy allows nothing inline, so a template must not try."""

from __future__ import annotations

import re

import pytest

from tests.architecture.repository import name_of, tracked

# Jinja's own marks go first: `{% if a < b %}` is no tag.
JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
INLINE = {
    "an inline script": re.compile(r"<script(?![^>]*\ssrc=)(?![^>]*type=\"application/json\")[^>]*>", re.IGNORECASE),
    "a style element": re.compile(r"<style[\s>]", re.IGNORECASE),
    "a style attribute": re.compile(r"<[a-z][^<>]*\sstyle\s*=", re.IGNORECASE),
    "an event handler": re.compile(r"<[a-z][^<>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a javascript: address": re.compile(r"=\s*[\"']?\s*javascript:", re.IGNORECASE),
}
# A file that leaves the house brings its one script and style along, and its own policy: it is never served as a page.
ALONE = {"credentials/forms/offline/page.html"}
TEMPLATES = [path for path in tracked() if path.suffix == ".html" and name_of(path) not in ALONE]


@pytest.mark.parametrize("what", INLINE)
def test_no_template_has(what: str) -> None:
    found = [
        f"{name_of(path)}: {match.group()[:80]}"
        for path in TEMPLATES
        if (match := INLINE[what].search(JINJA.sub("x", path.read_text(encoding="utf-8"))))
    ]
    assert not found


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("an inline script", "<script>alert(1)</script>"),
        ("an inline script", '<script type="module">import "x"</script>'),
        ("a style element", "<style>p{}</style>"),
        ("a style attribute", '<p class="a" style="color:red">'),
        ("an event handler", '<button type="button" onclick="go()">'),
        ("a javascript: address", '<a href="javascript:go()">'),
    ],
)
def test_the_rule_sees(what: str, text: str) -> None:
    assert INLINE[what].search(text)


@pytest.mark.parametrize(
    "text", ['<script type="module" src="/static/js/base.js"></script>', "<p data-one=1>on time=2"]
)
def test_the_rules_let_pass(text: str) -> None:
    assert not [what for what, rule in INLINE.items() if rule.search(text)]


def test_there_are_templates() -> None:
    assert len(TEMPLATES) > 20
