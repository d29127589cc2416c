"""The Config Key: what others publish, every rule of the text that is hashed, and what must not change it."""

from __future__ import annotations

import hashlib
import random
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockdown.errors import NotPortable
from lockdown.key import check_portable, config_key, seb_json
from lockdown.plist import Value, read_plist, write_plist

# Published by Moodle's access rule for Safe Exam Browser, whose test builds these settings by hand: the hashes are theirs.
MOODLE: dict[str, Value] = {
    **dict.fromkeys(("showTaskBar", "showReloadButton", "showInputLanguage", "allowQuit"), True),
    **dict.fromkeys(("quitURLConfirm", "audioControlEnabled", "browserWindowAllowReload"), True),
    **dict.fromkeys(("URLFilterEnable", "sendBrowserExamKey"), True),
    **dict.fromkeys(("allowWlan", "audioMute", "showTime", "allowSpellCheck", "URLFilterEnableContentFilter"), False),
    **dict.fromkeys(("examSessionClearCookiesOnStart", "allowPreferencesWindow"), False),
    "hashedQuitPassword": hashlib.sha256(b"test").hexdigest(),
    "startURL": "https://www.example.com/moodle/mod/quiz/view.php?id=1",
    "URLFilterRules": [{"action": 1, "active": True, "expression": "test.com", "regex": False}],
}
EMPTY = "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"
MOODLES = "b35510bd754f9d106ff88b9d2dc1bb297cddc9fc7b4bdde2dbda4e7d9e4b50d8"
MOODLES_FILTERING = "58010792504cccc18f7b0e5c9680fe60b567e8c1b5fb9798654cc9bad9ddf30c"


@pytest.mark.parametrize(
    ("settings", "published"),
    [({}, EMPTY), (MOODLE, MOODLES), (MOODLE | {"URLFilterEnableContentFilter": True}, MOODLES_FILTERING)],
    ids=["empty", "moodle", "moodle-filtering"],
)
def test_published_keys(settings: dict[str, Value], published: str) -> None:
    assert config_key(settings) == published
    assert config_key(read_plist(write_plist(settings))) == published


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"allowWLAN": 1, "allowWlan": 2, "Allow": 3}, '{"Allow":3,"allowWlan":2,"allowWLAN":1}'),
        ({"b": [{"z": 1, "A": True}], "a": False}, '{"a":false,"b":[{"A":true,"z":1}]}'),
        ({"url": "https://ö.example/\\d"}, '{"url":"https://ö.example/\\d"}'),
        ({"real": 0.1, "whole": 1.0, "number": -3}, '{"number":-3,"real":0.1,"whole":1}'),
        ({"data": b"\x00\xff"}, '{"data":"AP8="}'),
        ({"at": datetime(2026, 3, 1, 12)}, '{"at":"2026-03-01T12:00:00+00:00"}'),  # noqa: DTZ001
        ({"at": datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=2)))}, '{"at":"2026-03-01T10:00:00+00:00"}'),
        ({"list": [], "text": "", "dict": {}, "deep": {"dict": {}}, "in": [{}, 1]}, '{"in":[1],"list":[],"text":""}'),
        ({"originatorVersion": "SEB_3", "in": {"originatorVersion": "x", "a": 1}}, '{"in":{"a":1}}'),
        ({"originatorVersion": "SEB_3"}, "[]"),
    ],
)
def test_every_rule_of_the_text(settings: dict[str, Value], text: str) -> None:
    assert seb_json(settings) == text
    assert config_key(settings) == hashlib.sha256(text.encode()).hexdigest()


names = st.text("abcABCxyz", min_size=1, max_size=6)
leaves = (
    st.booleans()
    | st.integers(-(2**31), 2**31)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters='"'), max_size=8)
    | st.binary(max_size=8)
    | st.datetimes(datetime(1, 1, 2), datetime(9000, 1, 1)).map(lambda at: at.replace(microsecond=0))  # noqa: DTZ001
)
trees = st.dictionaries(
    names,
    st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3)),
    max_size=6,
)


def shuffled(value: Any, chance: random.Random) -> Any:
    if isinstance(value, dict):
        keys = chance.sample(list(value), len(value))
        return {key: shuffled(value[key], chance) for key in keys}
    return [shuffled(each, chance) for each in value] if isinstance(value, list) else value


@given(trees, st.randoms())
def test_the_order_of_keys_does_not_matter(settings: dict[str, Value], chance: random.Random) -> None:
    assert config_key(shuffled(settings, chance)) == config_key(settings)


@given(trees)
def test_a_file_that_is_written_and_read_keeps_its_key(settings: dict[str, Value]) -> None:
    assert config_key(read_plist(write_plist(settings))) == config_key(settings)


@given(trees, st.text(max_size=5))
def test_who_wrote_the_file_does_not_matter(settings: dict[str, Value], version: str) -> None:
    assert config_key(settings | {"originatorVersion": version}) == config_key(settings)


@given(trees, names.map(lambda name: f"new{name}"), st.booleans())
def test_any_other_setting_matters(settings: dict[str, Value], name: str, value: bool) -> None:
    assert config_key(settings | {name: value}) != config_key(settings)
    assert config_key(settings | {name: value}) != config_key(settings | {name: not value})


@pytest.mark.parametrize("settings", [{"a": 'say "no"'}, {"a": ["x\ny"]}, {"a": {'"': 1}}, {"Key": 1, "key": 2}])
def test_what_clients_hash_differently_is_refused(settings: dict[str, Value]) -> None:
    with pytest.raises(NotPortable):
        check_portable(settings)


def test_what_they_agree_on_is_not() -> None:
    check_portable({"a": "ö \\ /", "when": datetime(2026, 1, 1, tzinfo=UTC), "b": [1, {"c": b""}]})
