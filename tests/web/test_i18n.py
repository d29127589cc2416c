"""The language of a request, and catalogues that leave nothing untranslated."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from hypothesis import given, settings
from hypothesis import strategies as st

from exam_api.web import i18n
from exam_api.web.i18n import LANGUAGES, Catalogues, choose_language, extract, missing, read_catalogue


@pytest.mark.parametrize(
    ("cookie", "header", "language"),
    [
        ("de", "en", "de"),
        (None, "de-AT,de;q=0.9,en;q=0.5", "de"),
        (None, "fr,de;q=0.2,en;q=0.1", "de"),
        (None, "en;q=0.1,de;q=0.9", "de"),
        (None, "de;q=0,en", "en"),
        ("xx", "fr", "en"),
        (None, None, "en"),
        (None, "*;q=0.5", "en"),
        (None, "de;q=often", "en"),
    ],
)
def test_language_is_chosen_then_asked_for_then_english(cookie: str | None, header: str | None, language: str) -> None:
    assert choose_language(cookie, header) == language


@settings(max_examples=50, deadline=None)
@given(cookie=st.none() | st.text(), header=st.none() | st.text(st.sampled_from("dein-,;q=0.19* \u00e4"), max_size=60))
def test_any_header_leads_to_a_language_we_have(cookie: str | None, header: str | None) -> None:
    assert choose_language(cookie, header) in LANGUAGES


def test_every_sentence_is_translated() -> None:
    wanted = extract()
    for language in LANGUAGES:
        if language != i18n.SOURCE_LANGUAGE:
            assert missing(wanted, read_catalogue(language)) == []


def test_refusals_are_sentences_to_translate() -> None:
    assert extract().get("Please sign in first.") is not None


def test_missing_finds_gaps_and_broken_placeholders() -> None:
    wanted, have = Catalog(locale="de"), Catalog(locale="de")
    for sentence in ("One", "Two", "Page %(page)s"):
        wanted.add(sentence, flags=["python-format"] if "%" in sentence else [])
    have.add("One", "Eins")
    have.add("Page %(page)s", "Seite %(seite)s", flags=["python-format"])
    assert missing(wanted, have) == ["Page %(page)s", "Two"]


def test_rewriting_keeps_translations_and_drops_what_is_unused(tmp_path: Path) -> None:
    first, second = Catalog(), Catalog()
    first.add("Stays")
    first.add("Goes")
    i18n.rewrite("de", first, tmp_path)
    path = i18n.po_file("de", tmp_path)
    path.write_text(
        path.read_text("utf-8").replace('msgid "Stays"\nmsgstr ""', 'msgid "Stays"\nmsgstr "Bleibt"'), "utf-8"
    )
    second.add("Stays")
    second.add("Comes")
    i18n.rewrite("de", second, tmp_path)
    written = path.read_text("utf-8")
    assert 'msgstr "Bleibt"' in written
    assert "Goes" not in written
    assert "Creation-Date" not in written
    assert missing(second, read_catalogue("de", tmp_path)) == ["Comes"]


def test_an_unknown_language_speaks_english() -> None:
    catalogues = Catalogues.load()
    assert catalogues["xx"] is catalogues["en"]
    assert catalogues["de"].gettext("Sign in") == "Anmelden"


def test_the_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert i18n.main(["translate"]) == 2
    assert "extract|check" in capsys.readouterr().err
