"""Sentences are recognised only where they are ours, and every refusal can be said in German."""

import ast
import importlib
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exam_api import errors
from exam_api.accounts.schemas import plain_email
from exam_api.attempts.service.door import consent_terms
from exam_api.errors import ExamError
from exam_api.installation import Keeping
from exam_api.web.i18n import PLACE, extract
from exam_api.web.render import ErrorPage, Renderer, RequestContext
from exam_api.web.sentences import sentences
from grading.exam import Exam, Proctoring
from proctor import SignalKind
from proctor import errors as proctor_errors
from tests.web.german import CATALOGUES, say, unsaid

PACKAGE = Path(errors.__file__).parent


def test_every_refusal_is_in_the_catalogue() -> None:
    for _name, kind in inspect.getmembers(errors, inspect.isclass):
        if issubclass(kind, ExamError) and kind is not ExamError:
            assert unsaid(kind().title) == []
    for _name, kind in inspect.getmembers(proctor_errors, inspect.isclass):
        assert unsaid(kind.__doc__ or "") == []


def raised() -> Iterator[tuple[str, str, ast.expr]]:
    """File, error and first argument wherever `exam_api` raises one of its own refusals."""
    names = {name for name, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, ExamError)}
    for file in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names and node.args:
                yield ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts), node.func.id, node.args[0]


def details(module: str, argument: ast.expr) -> Iterator[str | None]:
    """The sentences that an argument can be; None for one that is made in a way that no catalogue can know."""
    match argument:
        case ast.Constant(value=str(text)):
            yield text
        case ast.Call(func=ast.Name(id="_"), args=[ast.Constant(value=str(text))]):
            yield text
        case ast.Call(func=ast.Attribute(value=template, attr="format")):
            yield from details(module, template)
        case ast.IfExp(body=one, orelse=other):
            yield from (*details(module, one), *details(module, other))
        case ast.Name(id=name) if name.isupper():
            yield getattr(importlib.import_module(module), name)
        case ast.Subscript(value=ast.Name(id=name)) if name.isupper():
            yield from getattr(importlib.import_module(module), name).values()
        case ast.Attribute(value=ast.Name(id=name), attr=attribute) if attribute.isupper():
            yield getattr(getattr(importlib.import_module(module), name), attribute)
        case ast.Call(func=ast.Name(id="str")):
            yield from ()  # a core's own words, or the framework's: the tests above
        case ast.Name(id="said"):
            yield from ()  # one of two marked sentences
        case _:
            yield None


def test_every_detail_of_a_refusal_is_in_the_catalogue() -> None:
    catalogue = extract()
    found = [(where, name, detail) for where, name, arg in raised() for detail in details(where, arg)]
    assert len(found) > 50
    assert [each for each in found if each[2] is None or catalogue.get(each[2]) is None] == []


def test_an_f_string_as_a_detail_would_be_noticed() -> None:
    made_up = ast.parse('Invalid(f"{n} of {m}")', mode="eval").body
    assert isinstance(made_up, ast.Call)
    assert list(details("exam_api.errors", made_up.args[0])) == [None]


@pytest.mark.parametrize(
    ("text", "german"),
    [
        ("The next sequence number is 12.", "Die nächste laufende Nummer ist 12."),
        (
            "The attempt is submitted; it cannot become running now.",
            "Der Versuch ist jetzt im Zustand „abgegeben“; „läuft“ ist daraus nicht möglich.",
        ),
        ("Value error, A name has at least one letter.", "Ein Name hat mindestens einen Buchstaben."),
        ("proof: it has expired", "Nachweis des Geräts: er ist abgelaufen"),
    ],
)
def test_refusals_with_places(text: str, german: str) -> None:
    assert say(text) == german


@pytest.mark.parametrize(
    "address", ["ada", "@example.org", "ada@", "ada@example", "a da@example.org", "ada@exa$mple.org"]
)
def test_a_wrong_address_is_explained(address: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011  (the words are what is tested)
        plain_email(address)
    assert unsaid(str(refused.value)) == []


def test_what_a_candidate_accepts_is_understood() -> None:
    asked = Proctoring(camera=True, microphone=True, screen=True, rhythm=True)
    exam = Exam("t", "", 30, 50, (), asked)
    told = consent_terms(exam, Keeping(frames=14))
    assert [line for line in told.text if unsaid(line)] == []
    assert any("erased after 14 days" in line for line in told.text)
    assert len(told.terms) == len(told.text) == 10
    at_home = consent_terms(exam, Keeping(), on_device=True)
    assert [line for line in at_home.text if unsaid(line)] == []
    assert consent_terms(Exam("t", "", 30, 50, ()), Keeping()).terms == ["answers", "browser"]


# --- what it never does ---

pieces = st.sampled_from(
    [
        *(
            "Correct.",
            "Not correct. ",
            "10 s",
            " at ",
            "\n",
            ": ",
            "; ",
            ", ",
            " or ",
            " and ",
            "3 flags: ",
            "Ada",
            "{what}",
        ),
        *(
            "No flags.",
            "Test 'a': ",
            "too dark",
            "The picture was ",
            "%(n)s",
            "&lt;",
            "<b>",
            "1e-05",
            " (adjusted p 0.1)",
        ),
    ]
)
texts = st.text(max_size=80) | st.lists(pieces, max_size=12).map("".join)


@settings(max_examples=300, deadline=None)
@given(texts)
def test_saying_never_fails_and_english_stays_itself(text: str) -> None:
    assert isinstance(say(text), str)
    assert sentences("en", CATALOGUES.words["en"])(text) is text
    assert say(text).count("\n") == text.count("\n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A person wrote this.",
        "Correct. But you forgot the unit.",
        "The picture was green for 3 s; the rule asks from 15 s.",
        "No face was in the picture for ages (5 frames); the rule asks from 10 s.",
        "Correct. " * 3_000 + "x",
        "{what}",
    ],
)
def test_what_is_not_ours_stays_untouched(text: str) -> None:
    assert say(text) == text


def test_a_place_takes_what_others_wrote_as_it_is() -> None:
    text = "Test 'Link and {name} <b>': expected 'too dark', and the program printed 'x. y'."
    assert say(text) == "Test 'Link and {name} <b>': Erwartet war 'too dark', ausgegeben wurde 'x. y'."


def test_what_others_wrote_is_escaped_on_the_page(
    renderer: Renderer, request_by: Callable[..., RequestContext]
) -> None:
    text = "Test '<b>x</b>': expected '<i>', and the program printed '&'."
    page = ErrorPage(status=409, title="The attempt is not at that point.", detail=text, reference="3fa9c2d1")
    shown = renderer.html(page, request_by(locale="de"))
    assert "Test &#39;&lt;b&gt;x&lt;/b&gt;&#39;: Erwartet war &#39;&lt;i&gt;&#39;, ausgegeben wurde" in shown
    assert "<b>x" not in shown


def test_every_template_names_its_places_alike_and_has_words_of_its_own() -> None:
    for message, said in CATALOGUES.words["de"].items():
        assert sorted(PLACE.findall(message)) == sorted(PLACE.findall(said))
        if places := set(PLACE.findall(message)):
            assert PLACE.sub("", message)
            # A part of a sentence that starts with anybody's words would swallow what stands before it.
            assert message.endswith(".") or not message.startswith(("{text}", "{wanted}", "{printed}"))
            assert said.format(**dict.fromkeys(places, "{3}"))


def test_signal_kinds_all_have_words() -> None:
    assert [kind for kind in SignalKind if unsaid(kind.value.replace("_", " "))] == []
