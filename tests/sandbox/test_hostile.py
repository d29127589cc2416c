"""The hostile suite: it finds what is open, and on a real engine nothing is."""

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from sandbox.engines import container, walls
from sandbox.engines.docker import DockerEngine
from sandbox.engines.scripted import ScriptedEngine
from sandbox.errors import ContainerGone, EngineUnavailable
from sandbox.hostile import PROBES, Attempt, Probe, quick
from sandbox.hostile.attack import HELD, NOT_BUILT, THROUGH, Finding, attack
from sandbox.hostile.channels import _capacity
from sandbox.hostile.command import chosen
from sandbox.hostile.host import Host
from sandbox.hostile.prelude import AFTER, OPEN
from sandbox.hostile.probe import Note
from sandbox.hostile.quick import LOOK, STRIKE
from sandbox.hostile.report import KeyUnusable, ReportNotProven, canonical, document, row, signed, summary, verify
from sandbox.job import EngineInfo, Outcome, RunOutcome, Verdict
from sandbox.languages import LANGUAGES

ROOT = Path(__file__).parents[2]
INFO = EngineInfo("sha256:1", "runc", "29", "6.1", ("gcc 12",))
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
ATTEMPTS = [(probe, attempt) for probe in PROBES for attempt in probe.attempts]
HONEST = RunOutcome("one", Verdict.OK, 0, stdout=b"42\n")


def outcome(*runs: RunOutcome) -> Outcome:
    return Outcome(runs, INFO)


def said(words: bytes, verdict: Verdict = Verdict.OK) -> Outcome:
    return outcome(
        RunOutcome("attack", verdict, 0, stdout=words), RunOutcome(f"{AFTER} attack", Verdict.OK, 0, stdout=b"clean\n")
    )


def finding(number: int = 1, **changes: Any) -> Finding:
    probe = Probe(number, f"probe {number}", "Try.", "It holds.", (Attempt("pass"),))
    return replace(Finding(probe, (("python: attack", "ok"),), 0.5, ()), **changes)


# --- the list ---


def test_there_are_64_rows_and_each_says_what_it_tries() -> None:
    assert [probe.number for probe in PROBES] == list(range(1, 65))
    assert len({probe.name for probe in PROBES}) == 64
    for probe in PROBES:
        assert probe.tries.endswith(".")
        assert probe.holds.endswith(".")
        assert probe.attempts or probe.scenario


@pytest.mark.parametrize(("probe", "attempt"), ATTEMPTS, ids=lambda one: getattr(one, "name", ""))
def test_every_attempt_is_a_job_that_compiles(probe: Probe, attempt: Attempt) -> None:
    if attempt.language not in LANGUAGES:
        pytest.skip(f"{attempt.language} is not one of our languages")
    job = attempt.job()
    assert job.runs[0].name == attempt.ways[0]
    if attempt.language == "python":
        ast.parse(attempt.text())


def test_every_row_has_something_for_the_languages_that_are_always_built() -> None:
    for probe in PROBES:
        assert probe.scenario or any(one.language in ("python", "c") for one in probe.attempts), probe.name


# --- what counts as held ---


def test_a_program_that_found_every_door_closed_held() -> None:
    assert not list(Attempt("pass").problems(said(b"held\n")))


@pytest.mark.parametrize(
    "broken",
    [
        said(b""),
        said(b"OPEN: mount\nheld\n"),
        said(b"held\n", Verdict.TIME_LIMIT),
        outcome(RunOutcome("attack", Verdict.OK, 0, stdout=b"held\n"), RunOutcome("after attack", Verdict.OK, 0, stdout=b"left behind: 7\n")),
        outcome(RunOutcome("attack", Verdict.OK, 0, stdout=b"held\n"), RunOutcome("after attack", Verdict.SKIPPED)),
    ],
    ids=["silent", "open", "wrong verdict", "left something", "took the next run down"],
)  # fmt: skip
def test_anything_else_is_a_problem(broken: Outcome) -> None:
    assert list(Attempt("pass").problems(broken))


@given(st.binary(max_size=50), st.binary(max_size=50))
def test_an_open_door_is_never_overheard(before: bytes, after: bytes) -> None:
    attempt = Attempt("pass", tuple(Verdict), None)
    assert list(attempt.problems(said(before + OPEN + after)))


def test_more_output_than_the_cap_is_a_problem() -> None:
    attempt = Attempt("pass", says=None)
    assert list(attempt.problems(said(bytes(attempt.limits.output_bytes + 1))))


def test_after_each_probe_the_next_run_must_be_right() -> None:
    probe = Probe(1, "nothing", "Try.", "Hold.", scenario=lambda _: iter([Note("seen")]))
    good = attack(probe, ScriptedEngine([HONEST]))
    assert (good.state, good.notes) == (HELD, ("seen",))
    bad = attack(probe, ScriptedEngine([replace(HONEST, stdout=b"41\n")]))
    assert bad.state == THROUGH
    assert "next run" in bad.problems[0]


def test_a_sandbox_that_fails_is_a_problem_and_an_engine_that_is_away_is_ours() -> None:
    broken = attack(Probe(1, "x", "Try.", "Hold.", (Attempt("pass"),)), ScriptedEngine(ContainerGone("gone")))
    assert broken.state == THROUGH
    with pytest.raises(EngineUnavailable):
        attack(Probe(1, "x", "Try.", "Hold.", (Attempt("pass"),)), ScriptedEngine(EngineUnavailable("away")))


def test_a_language_without_an_image_is_said_and_is_no_success() -> None:
    only = attack(Probe(1, "x", "Try.", "Hold.", (Attempt("", language="cobol"),)), ScriptedEngine([HONEST]))
    assert (only.state, only.not_built, only.attempts) == (NOT_BUILT, ("cobol",), ())


# --- the few for a worker's start ---


def answers(**changes: bytes) -> ScriptedEngine:
    held = {name: RunOutcome(name, Verdict.OK, 0, stdout=b"held\n") for name in (*LOOK, *STRIKE)}
    clean = {AFTER: RunOutcome(AFTER, Verdict.OK, 0, stdout=b"clean\n")}
    return ScriptedEngine(
        {**held, **clean, **{name: RunOutcome(name, Verdict.OK, 0, stdout=words) for name, words in changes.items()}}
    )


def test_quick_says_nothing_where_all_held() -> None:
    engine = answers()
    assert not list(quick(engine))
    assert len(engine.jobs) == 2


def test_quick_tells_what_got_through_and_strikes_only_where_the_walls_stand() -> None:
    engine = answers(network=b"OPEN: 1.1.1.1\nheld\n")
    (problem,) = quick(engine)
    assert "1.1.1.1" in problem
    assert len(engine.jobs) == 1
    assert list(quick(answers(kill=b"")))
    assert list(quick(answers(after=b"left behind: ['7']\n")))


# --- the report ---


def test_the_document_says_what_was_tried_and_on_what() -> None:
    findings = [finding(2, problems=("it ran away",)), finding(1), finding(3, attempts=(), not_built=("java",))]
    report = document(findings, {"python": INFO}, NOON, ("cgroups",))
    assert [one["number"] for one in report["probes"]] == [1, 2, 3]
    assert [one["state"] for one in report["probes"]] == [HELD, THROUGH, NOT_BUILT]
    assert report["holds"] is False
    assert report["date"] == "2026-01-02T12:00:00+00:00"
    assert report["images"] == {"python": {"digest": "sha256:1", "tools": ["gcc 12"]}}
    assert "1 of 3 hold; 1 got through; 1 not built" in summary(findings)
    assert "java" in summary(findings)
    assert "it ran away" in row(findings[0])
    json.dumps(report)


def test_a_signed_report_is_proven_and_any_change_is_not() -> None:
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    public = key.public_key().public_bytes_raw()
    report = signed(document([finding(problems=("x",))], {"c": INFO}, NOON), pem)
    again = json.loads(json.dumps(report))
    verify(again, public)
    for changed in (
        {**again, "holds": True},
        {**again, "more": 1},
        {key: value for key, value in again.items() if key != "kernel"},
        {key: value for key, value in again.items() if key != "signature"},
        {**again, "signature": {**again["signature"], "value": "AAAA"}},
        {**again, "signature": "nothing"},
    ):
        with pytest.raises(ReportNotProven):
            verify(changed, public)
    with pytest.raises(ReportNotProven, match="another key"):
        verify(again, Ed25519PrivateKey.generate().public_key().public_bytes_raw())


def test_a_key_of_another_kind_is_refused() -> None:
    other = generate_private_key(SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for pem in (b"", b"nonsense", other):
        with pytest.raises(KeyUnusable, match="openssl"):
            signed({"a": 1}, pem)


@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text())))
def test_the_signed_bytes_survive_a_round_trip(report: dict[str, Any]) -> None:
    try:
        data = canonical(report)
    except UnicodeEncodeError:
        return  # half a character cannot be written down
    report.pop("signature", None)
    assert json.loads(data) == report
    assert canonical(json.loads(data)) == data


def test_probes_are_chosen_by_number_or_by_part_of_the_name() -> None:
    assert [one.number for one in chosen(["63", "bomb"])] == [1, 5, 63]
    assert chosen([]) == list(PROBES)
    assert chosen(["no such probe"]) == []


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 1000)), max_size=40))
def test_the_rate_of_a_channel_is_never_more_than_what_is_sent(pairs: list[tuple[int, int]]) -> None:
    assert 0 <= _capacity(pairs) <= 20


def test_a_perfect_channel_carries_all_and_noise_next_to_nothing() -> None:
    bits = [(slot, (slot * 2654435761 >> 11) & 1) for slot in range(40)]
    assert _capacity(bits) == 20
    assert _capacity([(slot, 1) for slot, _ in bits]) < 3


# --- the live engine ---


@pytest.mark.docker
def test_quick_finds_nothing_on_the_real_engine(engine: DockerEngine) -> None:
    assert not list(quick(engine))


def _unfiltered(_asked: dict[str, Any], host: dict[str, Any]) -> None:
    host["security_opt"] = ["no-new-privileges:true", "seccomp=unconfined"]


def _writable(_asked: dict[str, Any], host: dict[str, Any]) -> None:
    host["read_only"] = False


def _bound(_asked: dict[str, Any], host: dict[str, Any]) -> None:
    host["binds"] = ["/usr/share:/mnt:ro"]


def _root(asked: dict[str, Any], host: dict[str, Any]) -> None:
    asked["user"] = "0:0"
    host["cap_drop"] = []
    host["security_opt"] = host["security_opt"][1:]


@pytest.mark.docker
@pytest.mark.parametrize(
    ("weaken", "told"),
    [(_unfiltered, "namespaces"), (_writable, "outside"), (_bound, "folders of the host"), (_root, "privileges")],
)
def test_a_wall_that_is_missing_is_found(
    engine: DockerEngine,
    monkeypatch: pytest.MonkeyPatch,
    weaken: Callable[[dict[str, Any], dict[str, Any]], None],
    told: str,
) -> None:
    """A suite that cannot fail proves nothing: take one wall away on the real engine, and see."""
    whole = walls.payload

    def payload(*words: Any) -> dict[str, Any]:
        asked = whole(*words)
        weaken(asked, asked["host_config"])
        return asked

    monkeypatch.setattr(container, "payload", payload)
    with DockerEngine(engine.base_url, prefix=engine.prefix, owner=f"{engine.owner}-weak") as weak:
        assert told in "; ".join(quick(weak))


@pytest.mark.slow
@pytest.mark.docker
@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: f"{probe.number} {probe.name}")
def test_hostile_program(engine: DockerEngine, probe: Probe) -> None:
    with DockerEngine(engine.base_url, prefix=engine.prefix, owner=f"{engine.owner}-hostile") as own:
        found = attack(probe, own, Host.now(own))
    assert found.state != THROUGH, found.problems


@pytest.mark.docker
def test_the_command_writes_a_report_that_its_signer_can_prove(docker_host: str, tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    pem = tmp_path / "key.pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    words = (
        "--docker",
        docker_host,
        "selftest",
        "--only",
        "46",
        "--only",
        "setuid",
        "--date",
        "2026-01-02T03:04:05+00:00",
    )
    done = sandbox(*words, "--json", str(tmp_path / "report.json"), "--sign", str(pem))
    assert done.returncode == 0, done.stdout + done.stderr
    assert b"2 of 2 hold" in done.stdout
    report = json.loads((tmp_path / "report.json").read_text())
    verify(report, key.public_key().public_bytes_raw())
    assert report["date"] == "2026-01-02T03:04:05+00:00"
    assert [one["number"] for one in report["probes"]] == [35, 46]
    assert report["images"]["python"]["digest"].startswith("sha256:")


@pytest.mark.docker
@pytest.mark.parametrize("words", [("--only", "no such probe"), ("--at-once", "0"), ("--crowd", "1")])
def test_a_selftest_of_nothing_is_refused(docker_host: str, words: tuple[str, ...]) -> None:
    done = sandbox("--docker", docker_host, "selftest", *words)
    assert done.returncode == 2
    assert b"no probe" in done.stderr


def test_no_engine_is_no_success(tmp_path: Path) -> None:
    done = sandbox("--docker", f"unix://{tmp_path}/none.sock", "selftest")
    assert done.returncode == 1
    assert b"does not answer" in done.stderr


def sandbox(*words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-m", "sandbox", *words], check=False, capture_output=True, cwd=ROOT)
