"""The hostile suite: it finds what is open, and on a real engine nothing is."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import docker
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from sandbox.engines import container, walls
from sandbox.engines.docker import DockerEngine
from sandbox.engines.scripted import ScriptedEngine
from sandbox.errors import ContainerGone, EngineUnavailable
from sandbox.hostile import PROBES, Attempt, Probe, host, quick
from sandbox.hostile.attack import HELD, NOT_BUILT, THROUGH, attack
from sandbox.hostile.channels import _capacity
from sandbox.hostile.command import chosen
from sandbox.hostile.host import Host
from sandbox.hostile.prelude import AFTER, OPEN
from sandbox.hostile.probe import Note
from sandbox.hostile.quick import LOOK, STRIKE
from sandbox.job import MIB, EngineInfo, Outcome, RunOutcome, Verdict
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


# --- choosing and measuring ---


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


@pytest.mark.docker
def test_what_is_left_on_the_host_is_found(engine: DockerEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "PATIENCE_SECONDS", 0.5)
    before = Host.now(engine)
    assert before.left() == []
    mark = Path("/tmp", host.MARK)
    asked = walls.payload(walls.Walls(64 * MIB, MIB, 16), 200_001, None, "runc", engine.owner)
    with closing(docker.APIClient(engine.base_url, version="auto")) as client:
        config = client.create_host_config(**asked.pop("host_config"))
        left = client.create_container(engine.info("python").image, host_config=config, **asked)["Id"]
        try:
            mark.touch()
            found = " ".join(before.left())
        finally:
            mark.unlink()
            client.remove_container(left, force=True)
    assert left[:12] in found
    assert f"file /tmp/{host.MARK}" in found
    assert before.left() == []


@pytest.mark.docker
@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")
def test_a_process_of_a_sandbox_outside_any_container_is_found(
    engine: DockerEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host, "PATIENCE_SECONDS", 0.5)
    before = Host.now(engine)
    with subprocess.Popen(["/bin/sleep", "30"], user=1_234_567_890) as stray:
        found = before.left()
        stray.kill()
    assert found == [f"process {stray.pid} of user 1234567890"]


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
    public = tmp_path / "public.pem"
    public.write_bytes(
        key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    proven = sandbox("selftest", "--verify", str(tmp_path / "report.json"), str(public))
    assert proven.returncode == 0
    assert proven.stdout.startswith(b"proven, as of 2026-01-02T03:04:05+00:00: 2 of 2 hold")
    (tmp_path / "report.json").write_text(json.dumps({**report, "holds": False}))
    forged = sandbox("selftest", "--verify", str(tmp_path / "report.json"), str(public))
    assert forged.returncode == 1
    assert b"not what its signer signed" in forged.stderr
    assert report["date"] == "2026-01-02T03:04:05+00:00"
    assert [one["number"] for one in report["probes"]] == [35, 46]
    assert report["images"]["python"]["digest"].startswith("sha256:")


@pytest.mark.docker
@pytest.mark.parametrize("words", [("--only", "no such probe"), ("--at-once", "0"), ("--crowd", "1")])
def test_a_selftest_of_nothing_is_refused(docker_host: str, words: tuple[str, ...]) -> None:
    done = sandbox("--docker", docker_host, "selftest", *words)
    assert done.returncode == 2
    assert b"no probe" in done.stderr


def test_what_is_no_report_or_no_key_is_said(tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate().public_key()
    pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key").write_bytes(pem)
    for number, words in enumerate((b"{", b"[]", b"{}", b"\xff")):
        (tmp_path / str(number)).write_bytes(words)
        done = sandbox("selftest", "--verify", str(tmp_path / str(number)), str(tmp_path / "key"))
        assert done.returncode == 1
        assert done.stderr.startswith(b"This report is not what its signer signed")
    (tmp_path / "key").write_bytes(b"no key")
    done = sandbox("selftest", "--verify", str(tmp_path / "2"), str(tmp_path / "key"))
    assert (done.returncode, done.stderr.startswith(b"The file holds no Ed25519 key")) == (2, True)
    done = sandbox("selftest", "--verify", str(tmp_path / "none"), str(tmp_path / "key"))
    assert done.returncode == 2


def test_no_engine_is_no_success(tmp_path: Path) -> None:
    done = sandbox("--docker", f"unix://{tmp_path}/none.sock", "selftest")
    assert done.returncode == 2
    assert b"does not answer" in done.stderr


def sandbox(*words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-m", "sandbox", *words], check=False, capture_output=True, cwd=ROOT)
