"""What the exam page does after each refusal, run by Node as the browser runs it, beside the scripted candidate's rules."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from loadtests.faults.writer import verdict
from tests.web.node import ROOM, run

TABLE = {
    # the network, and a server that does not get to it
    (401, "nonce-needed"): "again", (401, "proof-replayed"): "again", (408, "too-slow"): "again",
    (429, "too-many-tries"): "again", (500, "exam-error"): "again", (503, "service-down"): "again", (507, "disk-full"): "again",
    # the attempt
    (409, "paused"): "wait", (409, "sequence-gap"): "renumber", (409, "sequence-conflict"): "renumber",
    (409, "time-is-up"): "stop", (409, "wrong-state"): "stop", (409, "device-replaced"): "stop", (409, "section-closed"): "beside",
    (401, "token-not-valid"): "stop", (401, "sign-in-needed"): "stop", (404, "not-found"): "stop",
    # this one answer
    (422, "unknown-item"): "refuse", (422, "invalid"): "refuse", (413, "too-large"): "refuse",
}  # fmt: skip
JUDGE = f"""
const {{ Offline, Refused }} = await import("{ROOM}/device.js");
const {{ passing, verdict }} = await import("{ROOM}/refusals.js");
const error = ([status, code]) => (code === "offline" ? new Offline("") : code === "bug" ? new Error("") : new Refused(status, {{ code }}));
say(asked.map((each) => [verdict(error(each)), passing(error(each))]));
"""
# `fetch` as the browser has it, on an answer that this test wrote down; everything else is the page's own.
ASK = f"""
const {{ Device, Offline, Refused }} = await import("{ROOM}/device.js");
globalThis.location = {{ origin: "http://localhost" }};
const pair = await crypto.subtle.generateKey({{ name: "ECDSA", namedCurve: "P-256" }}, false, ["sign"]);
const said = [];
for (const {{ answers, bare }} of asked) {{
  const device = new Device("a", pair.privateKey, {{}});
  device.token = "a token";
  let asks = 0, back = 0;
  device.addEventListener("back", () => {{ back += 1; }});
  globalThis.fetch = async () => {{
    const [status, body] = answers[Math.min(asks++, answers.length - 1)];
    if (status === 0) throw new TypeError("network error");
    return new Response(body, {{ status }});
  }};
  let last;
  for (let turn = 0; turn === 0 || (last === "offline" && asks < answers.length); turn += 1) {{
    last = await device.request("POST", "/api", {{}}, {{ bare }}).then((found) => found.kept, (error) =>
      error instanceof Offline ? "offline" : error instanceof Refused ? `refused ${{error.status}} ${{error.code}}` : String(error));
  }}
  said.push([last, asks, back]);
}}
say(said);
"""


def test_the_page_goes_on_after_everything_that_can_pass() -> None:
    judged = [each for each, _ in run(JUDGE, list(TABLE))]
    assert dict(zip(TABLE, judged, strict=True)) == TABLE
    assert run(JUDGE, [[0, "offline"], [0, "bug"]]) == [["again", True], ["stop", False]]


def test_the_scripted_candidate_has_the_same_rules() -> None:
    codes = sorted({code for _, code in TABLE} | {"something-new"})
    cases = list(product([400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 503, 507], codes))
    assert [each for each, _ in run(JUDGE, cases)] == [verdict(*case) for case in cases]


def _refusal(status: int, code: str) -> list[Any]:
    return [status, f'{{"title": "No", "code": "{code}"}}']


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        # a nonce, and a request that the network delivered twice: once each, silently
        ([_refusal(401, "nonce-needed"), _refusal(401, "proof-replayed"), [200, '{"kept": 1}']], [1, 3, 0]),
        # a network that doubles everything: not a reason to stop
        ([_refusal(401, "proof-replayed")], ["refused 401 proof-replayed", 3, 0]),
        # cut off in the middle, or said by somebody in between: nothing is known
        ([[401, '{"title": "No", "co']], ["offline", 1, 0]),
        ([[409, '{"title": "The next sequ']], ["offline", 1, 0]),
        ([[200, '{"kept": ']], ["offline", 1, 0]),
        ([[200, "<h1>Welcome to our network</h1>"]], ["offline", 1, 0]),
        ([[403, "<h1>Please pay</h1>"]], ["offline", 1, 0]),
        ([[502, "<h1>Bad Gateway</h1>"]], ["offline", 1, 0]),
        # a gateway's own limit is about this answer
        ([[413, "<h1>Too large</h1>"]], ["refused 413 too-large", 1, 0]),
        # whoever waits hears of the first answer after silence, also when a gateway spoke meanwhile
        ([[0, ""], [502, ""], [200, '{"kept": 1}']], [1, 3, 1]),
        ([[0, ""], _refusal(503, "service-down"), [200, '{"kept": 1}']], [1, 3, 1]),
    ],
)
def test_what_an_answer_that_is_none_means(answers: list[Any], found: list[Any]) -> None:
    assert run(ASK, [{"answers": answers, "bare": False}]) == [found]
