"""Skills from a CASE package and from a table."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.achievement.frameworks import from_case, from_table, slug
from credentials.errors import Malformed


def node(name: str) -> dict[str, str]:
    return {"title": name, "identifier": name, "uri": f"https://case.example/ims/case/v1p0/CFItems/{name}"}


def edge(origin: str, kind: str, target: str) -> dict[str, Any]:
    return {"associationType": kind, "originNodeURI": node(origin), "destinationNodeURI": node(target)}


def item(name: str, **more: str) -> dict[str, Any]:
    return {"identifier": name, "uri": node(name)["uri"], "fullStatement": f"Does {name} well.", **more}


PACKAGE: dict[str, Any] = {
    "CFDocument": {"identifier": "doc", "uri": "https://case.example/doc", "title": "Data Literacy", "creator": "Us"},
    "CFItems": [
        item("u1", humanCodingScheme="DL.1", abbreviatedStatement="Data"),
        item("u2", humanCodingScheme="DL.1.a"),
        item("u3", humanCodingScheme="DL.1"),
        {"fullStatement": "has no identifier"},
    ],
    "CFAssociations": [
        edge("u1", "isChildOf", "doc"),
        edge("u2", "isChildOf", "u1"),
        edge("u2", "isPartOf", "u1"),
        edge("u2", "precedes", "u3"),
        edge("u2", "isRelatedTo", "u3"),
        "strange",
    ],
}


def test_a_case_package() -> None:
    found = from_case(PACKAGE)
    assert (found["id"], found["title"], found["url"]) == ("data-literacy", "Data Literacy", "https://case.example/doc")
    whole, part, other = found["skills"]
    assert whole == {
        "id": "dl-1",
        "name": "Data",
        "url": node("u1")["uri"],
        "statement": "Does u1 well.",
        "code": "DL.1",
    }
    assert part["part_of"] == ["dl-1"]
    assert part["name"] == "Does u2 well."
    assert "statement" not in part
    assert (other["id"], other["requires"]) == ("dl-1-2", ["dl-1-a"])


@pytest.mark.parametrize(
    "package", [None, [], {}, {"CFDocument": {}}, {"CFDocument": {}, "CFItems": []}, {"CFItems": [1]}]
)
def test_what_is_no_case_package(package: Any) -> None:
    with pytest.raises(Malformed, match=r"CASE package|can be used"):
        from_case(package)


def test_a_table() -> None:
    text = (
        "\ufeffname;url;part_of;requires;type\n"
        "Charts;https://x.example/1;literacy;averages@2 counting;\n"
        "Averages;https://x.example/2;;;ESCO\n"
    )
    found = from_table(text, "My skills")
    assert found["skills"] == [
        {
            "id": "charts",
            "name": "Charts",
            "url": "https://x.example/1",
            "part_of": ["literacy"],
            "requires": [{"skill": "averages", "level": 2}, "counting"],
        },
        {"id": "averages", "name": "Averages", "url": "https://x.example/2", "type": "ESCO"},
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names its columns"),
        ("name,statement\nA,B\n", "'url' must be among"),
        ("name,url,colour\nA,B,C\n", "column 'colour'"),
        ("name,url\nA\n", "row 2 .* no address"),
        ("name,url\nA,b\n,c\n", "row 3"),
        ("name,url\nA,b,c\n", "more cells"),
        ("name,url\n" + "A,b\n" * 401, "401 rows"),
    ],
)
def test_what_is_no_table_is_said_with_its_row(text: str, said: str) -> None:
    with pytest.raises(Malformed, match=said):
        from_table(text, "T")


@given(st.text(max_size=200))
def test_any_text_is_a_table_or_a_sentence(text: str) -> None:
    with suppress(Malformed):
        assert from_table(text, "T")["skills"]


@given(st.text())
def test_short_names(text: str) -> None:
    assert set(slug(text)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
