"""Formulas: what is one, what is money, what is drawn, what is refused and shown as written."""

import pytest

from exam_api.web.formulas import DEEPEST, LONGEST, mathml, mistakes
from exam_api.web.markdown import to_html


@pytest.mark.parametrize(
    "text",
    [
        "It costs $5, or US$6.",
        "Write $HOME:$PATH, then $HOME again.",
        "A lone $ stays, and $ x $ has blanks.",
        r"\$x\$ was escaped.",
        "`$x$` is code.",
        "$$ $$ and $ $ are empty.",
    ],
)
def test_a_dollar_that_is_money_stays_money(text: str) -> None:
    assert "<math" not in to_html(text)
    assert "$" in to_html(text)
    assert mistakes(text) == []


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Half: $\\frac{1}{2}$.", ["<mfrac>", 'alttext="\\frac{1}{2}"', 'display="inline"', ">\\frac{1}{2}</annotation>"]),
        ("$$\n\\sqrt[3]{x}\n$$", ["<mroot>", 'display="block"', 'tabindex="0"']),
        ("Is $a<b$ & $\\alpha>1$?", ["<mo>&lt;</mo>", "<mi>α</mi>"]),
        ("**$x_1$**", ["<strong><math", "<msub>"]),
        (r"$\begin{pmatrix}1&2\\3&4\end{pmatrix}$", ["<mtable>", "<mtd>"]),
        (r"$5\$ + x$", ["<math", "<mi>x</mi>"]),
    ],
)  # fmt: skip
def test_a_formula_is_drawn_and_keeps_its_source(text: str, parts: list[str]) -> None:
    html = to_html(text)
    assert [part for part in parts if part not in html] == []
    assert mistakes(text) == []


@pytest.mark.parametrize(
    "tex",
    [
        "x_",
        r"\frac{1",
        "}x{",
        r"\left( x",
        r"\nosuchcommand{x}",
        r"\begin{matrix}1",
        "x" * (LONGEST + 1),
        "{" * (DEEPEST + 1) + "x" + "}" * (DEEPEST + 1),
    ],
)
def test_a_mistake_is_shown_as_written_and_named_to_the_author(tex: str) -> None:
    text = f"Before ${tex}$ after $y$."
    html = to_html(text)
    assert mathml(tex, False) is None
    assert f'<code class="formula-wrong">${tex}$</code>' in html
    assert html.count("<math") == 1
    assert mistakes(text) == [f"${tex}$"]


@pytest.mark.parametrize(
    "tex",
    [
        r"\text{<script>alert(1)</script>}",
        r"\text{<img src=x onerror=alert(1)>}",
        r"\href{javascript:alert(1)}{x}",
        r"\style{position:fixed}{x}",
        r"\class{bar}{x}",
        r'\text{"><script>alert(1)</script>}',
    ],
)
def test_nothing_in_a_formula_runs_or_leads_away(tex: str) -> None:
    html = to_html(f"${tex}$")
    assert "<script" not in html
    assert "<img" not in html
    assert " href=" not in html.replace("alttext=", "")
    assert " style=" not in html
    assert " class=" not in html.replace('class="formula-wrong"', "")
