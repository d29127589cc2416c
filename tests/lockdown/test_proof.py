"""What a browser shows, and our own settings: the address counts as the client wrote it, and nothing else proves it."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockdown.errors import BadExamKey, NotPortable
from lockdown.key import config_key
from lockdown.proof import MAX_EXAM_KEYS, browser_link, proves, read_exam_keys, request_hash
from lockdown.settings import Lock, settings_of
from tests.lockdown.test_key import MOODLE, MOODLES

URL = "https://exam.example/attempts/1/room?check=abc"
keys = st.text("0123456789abcdef", min_size=64, max_size=64)
LOCK = Lock("https://exam.example/sittings/1/start", "https://exam.example/sittings/1/left", "quit me", bytes(32))


def test_the_hash_of_an_address() -> None:
    start = str(MOODLE["startURL"])
    assert request_hash(start, MOODLES) == "3a5b62086120ae972b5c7f276c26b52391f057674fd53e8158cd9928876dc324"
    assert request_hash(f"{start}#part", MOODLES) == request_hash(start, MOODLES)


@given(keys, keys)
def test_one_of_the_keys_proves_and_no_other(key: str, other: str) -> None:
    claimed = request_hash(URL, key)
    assert proves(URL, [other, key], claimed)
    assert proves(URL, [key], claimed.upper())
    assert proves(URL, [other], claimed) == (key == other)
    assert not proves(URL.replace("abc", "abd"), [key], claimed)
    assert not proves(URL, [], claimed)


@pytest.mark.parametrize("claimed", [None, "", "0" * 64, "ö", MOODLES])
def test_what_proves_nothing(claimed: str | None) -> None:
    assert not proves(URL, [MOODLES], claimed)


def test_a_list_of_exam_keys() -> None:
    one, two = hashlib.sha256(b"1").hexdigest(), hashlib.sha256(b"2").hexdigest()
    assert read_exam_keys(f" {one}\r\n\n{two.upper()}\n") == (one, two)
    assert read_exam_keys("") == ()
    for wrong in (one[:-1], f"{one}\n{one}", "g" * 64, "\n".join(f"{n:064x}" for n in range(MAX_EXAM_KEYS + 1))):
        with pytest.raises(BadExamKey):
            read_exam_keys(wrong)


def test_links() -> None:
    assert browser_link("https://exam.example/a?b=c") == "sebs://exam.example/a?b=c"
    assert browser_link("http://localhost:8000/") == "seb://localhost:8000/"
    with pytest.raises(ValueError, match="web addresses"):
        browser_link("file:///etc/passwd")


def test_our_settings_say_what_matters() -> None:
    settings = settings_of(LOCK)
    assert (settings["startURL"], settings["quitURL"]) == (LOCK.start_url, LOCK.quit_url)
    assert settings["hashedQuitPassword"] == hashlib.sha256(b"quit me").hexdigest()
    assert (settings["sendBrowserExamKey"], settings["browserWindowWebView"]) == (True, 3)
    assert not any(settings[name] for name in ("allowVirtualMachine", "allowPreferencesWindow", "allowUploads"))
    assert "quit me" not in str(settings)


def test_our_settings_lead_nowhere_else() -> None:
    settings = settings_of(Lock("https://exam.example:8443/sittings/1/start", LOCK.quit_url, "quit me", bytes(32)))
    assert settings["URLFilterEnable"] is True
    assert settings["URLFilterRules"] == [
        {"action": 1, "active": True, "expression": "exam.example:8443", "regex": False}
    ]
    assert (settings["newBrowserWindowByLinkPolicy"], settings["newBrowserWindowByScriptPolicy"]) == (0, 0)


@given(st.sampled_from(["start_url", "quit_url", "quit_password", "camera", "microphone", "screen", "uploads"]))
def test_whatever_differs_gives_another_key(field: str) -> None:
    changed = {**LOCK.__dict__, field: True if isinstance(getattr(LOCK, field), bool) else "https://exam.example/other"}
    assert config_key(settings_of(Lock(**changed))) != config_key(settings_of(LOCK))


def test_an_address_that_clients_would_hash_differently_is_refused() -> None:
    with pytest.raises(NotPortable):
        settings_of(Lock('https://exam.example/"', LOCK.quit_url, LOCK.quit_password, LOCK.salt))
