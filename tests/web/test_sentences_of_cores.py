"""What the cores say is recognised when it is shown: their own code runs here, so a new sentence without German fails."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from exam_api.findings.service.study import look_at
from exam_api.grades import tasks
from exam_api.monitoring.tasks import NO_CAMERA_TOOLS
from exam_api.web.sentences import in_drawing
from grading import Graded, Tools, grade, read_item
from grading.kinds import KINDS
from grading.wording import doubts
from integrity.cohort import Cohort
from integrity.detectors.rapid import FastAnswers
from integrity.detectors.shared_answers import SharedAnswers
from integrity.errors import TooSmall
from integrity.finding import Finding
from integrity.report import make_report
from proctor import Signal, flags, picture
from proctor.device import REFUSED, unanswered, unreached
from proctor.errors import BadFrame, BadReference, ProctorError
from proctor.flag import Flag
from proctor.rules import OPTIONAL, RULES
from proctor.rules.device_word import IN_WHAT
from sandbox.job import EngineInfo, Outcome, RunOutcome, Verdict
from tests.grading.samples import ALL, CODE, ESSAY, NUMERIC, SHORT, bag_of_words, item_data, made, responses
from tests.grading.test_kinds import answered
from tests.integrity.worlds import cohort_of, honest_answers, with_copier
from tests.proctor.test_timeline import K, event, frame, heard, run, signals
from tests.web.german import say, unsaid

ENGINE = EngineInfo("image", "runc", "docker", "6.1")
LENGTH = re.compile(r"\d+ min( \d+ s)?|\d+ s")  # reads the same in both languages


# --- proctor ---

SEEN = {
    "absence": run(K.face_absent, 0, 70),
    "several_faces": run(K.faces_many, 0, 5, 3),
    "other_person": [frame(5 * n, K.face_other, 0.71) for n in range(4)],
    "phone_seen": [frame(2 * n, K.phone, 0.04) for n in range(4)],
    "second_screen_seen": [frame(2 * n, K.second_screen, 0.3) for n in range(15)],
    "book_seen": [frame(2 * n, K.book, 0.004) for n in range(15)],
    "filmed_picture": [frame(2 * n, K.picture_filmed, 0.9) for n in range(4)],
    "repeated_picture": [
        *(frame(n, K.picture_repeats, 30) for n in range(3)),
        *(frame(90 + n, K.picture_repeats, 0) for n in range(9)),
    ],
    "sign_of_life_missing": [
        *(frame(60 * n, K.life_not_shown, 0) for n in range(2)),
        frame(300, K.life_shown),
        *(frame(400 + n, K.life_unanswered, 0) for n in range(2)),
    ],
    "virtual_camera": [event(1, K.camera_virtual)],
    "hidden_page": [event(5, K.hidden, seconds=6.5)],
    "lost_focus": [event(0, K.blur), event(20, K.focus)],
    "left_fullscreen": [event(0, K.fullscreen_left), event(20, K.fullscreen_entered)],
    "long_paste": [
        event(1, K.paste, length=100),
        event(9, K.paste, length=50),
        event(99, K.paste, length=4_000),
        event(300, K.paste, length=77, origin="outside"),
        event(400, K.paste, length=41, origin="inside"),
        *(
            event(500 + n, K.paste, length=70_000, origin=where)
            for where in ("inside", "outside")
            for n in range(0, 90, 60)
        ),
    ],
    "speech": [heard(10 * n, K.speech, 6.5) for n in range(9)],
    "second_voice": [heard(0, K.second_voice, 2), heard(10, K.second_voice, 2), frame(4, K.faces_many, 2)],
    "microphone_silent": [heard(10 * n, K.microphone_silent) for n in range(8)],
    "sound_gap": [heard(0, K.quiet), heard(100, K.quiet)],
    "copied_text": [event(1, K.copy, length=190), event(2, K.cut, length=1_000_000)],
    "printed": [event(1, K.print)],
    "second_display": [event(1, K.display_extended), event(100, K.display_single)],
    "share_ended": [event(1, K.share_ended), event(100, K.share_started)],
    "part_of_screen": [
        event(1, K.share_started, surface="window"),
        event(100, K.share_started, surface="browser"),
        event(200, K.share_ended),
    ],
    "network_gap": [event(1, K.network_lost), event(100, K.network_back)],
    "clock_jump": [event(1, K.clock_jumped, seconds=3600)],
    "changed_rhythm": [event(60 * n, K.rhythm_changed, length=200, seconds=40 if n < 6 else 4) for n in range(10)],
    "device_change": [event(1, K.device_changed), event(2, K.device_changed), event(60, K.device_changed)],
    "dark_picture": run(K.too_dark, 0, 20),
    "glaring_picture": run(K.glare, 0, 100),
    "blurred_picture": run(K.too_blurred, 0, 20),
    "covered_camera": run(K.camera_covered, 0, 20),
    "frozen_picture": run(K.picture_frozen, 0, 20),
    "slow_camera": [frame(10 * n, K.low_rate, 0.1) for n in range(9)],
    "unreadable_frames": run(K.bad_frame, 0, 20),
    "hidden_face": run(K.face_covered, 0, 70),
    "looking_away": [*run(K.head_turned, 0, 9, 40), *run(K.gaze_outside, 30, 130, -40)],
    "repeated_glances": [
        signal
        for n in range(8)
        for signal in (*run(K.head_turned, 10 * n, 10 * n + 3, 30), frame(10 * n + 5, K.head_forward))
    ],
    "looking_down": run(K.head_down, 0, 70, -35),
    "eyes_closed": run(K.eyes_closed, 0, 70, 0.05),
    "speaking": [*(heard(10 * n, K.speech, 6.5) for n in range(9)), *run(K.mouth_moving, 0, 90, 0.4)],
    "device_differs": [replace(frame(100 * n, K.device_differs), note=note) for n, note in enumerate((*IN_WHAT, None))],
    "device_silent": [unanswered(frame(100 * n, K.face_ok).at, n, why) for n, why in enumerate(REFUSED)],
    "device_unreached": [unreached(frame(60 * n, K.face_ok).at, n) for n in range(4)],
    "camera_gap": [frame(0, K.face_ok), frame(400, K.face_ok)],
}


def check_flag(flag: Flag) -> None:
    for text in (flag.reason, *flag.innocent):
        assert unsaid(text) == []
    for name in (flag.rule, *flag.threshold):
        assert unsaid(name.replace("_", " ")) == []


@pytest.mark.parametrize("rule", [*RULES, *OPTIONAL], ids=lambda rule: rule.name)
def test_every_rule_is_understood(rule: Any) -> None:
    found = rule.flags(sorted(SEEN[rule.name], key=lambda signal: signal.at))
    assert found
    for flag in found:
        check_flag(flag)


@settings(max_examples=50, deadline=None)
@given(signals())
def test_whatever_was_seen_is_understood_with_its_picture(seen: list[Signal]) -> None:
    found = flags(seen)
    for flag in found:
        check_flag(flag)
    assert unsaid(picture.describe(seen, found)) == []
    for text in texts_of(picture.svg(seen, found)):
        assert unsaid(text) == [] or text == "Browser" or LENGTH.fullmatch(text)


def texts_of(svg: str) -> list[str]:
    """What stands between the marks of a drawing."""
    heard: list[str] = []
    in_drawing(svg, lambda text: heard.append(text) or text)  # type: ignore[func-returns-value]  # a list that listens
    return heard


def test_a_drawing_stays_safe_and_says_it_in_german() -> None:
    drawn = Markup('<svg><title>face ok: 3 frames from 2 s</title><text x="1">&lt;b&gt; &amp; Ada</text></svg>')
    assert in_drawing(drawn, say) == drawn.replace("face ok: 3 frames from 2 s", "ein Gesicht: 3 Bilder ab 2 s")
    assert in_drawing("<text>Flags</text>", lambda _: '<script>"&') == '<text>&lt;script&gt;"&amp;</text>'
    assert in_drawing(drawn, str) == drawn


def test_every_refusal_of_a_photo_is_understood() -> None:
    kinds: list[type[ProctorError]] = [BadFrame, BadReference, *BadReference.__subclasses__()]
    assert len(kinds) > 4
    for kind in kinds:
        assert unsaid(str(kind())) == []
    assert unsaid(NO_CAMERA_TOOLS) == []


# --- integrity ---


def shared() -> tuple[Cohort, list[Finding]]:
    answers, _pair = with_copier(np.random.default_rng(3), 40, 30, 4)
    cohort = cohort_of(answers)
    return cohort, SharedAnswers().findings(cohort)


def hurried() -> tuple[Cohort, list[Finding]]:
    rng = np.random.default_rng(5)
    seconds = np.exp(rng.normal(4, 0.3, (30, 12)))
    seconds[7] /= 30
    cohort = cohort_of(honest_answers(rng, 30, 12), seconds)
    return cohort, FastAnswers().findings(cohort)


@pytest.mark.parametrize("make", [shared, hurried])
def test_every_finding_is_understood_and_keeps_its_people(make: Any) -> None:
    _cohort, found = make()
    assert found
    for finding in found:
        for text in (finding.explanation, *finding.innocent, *finding.assumptions):
            assert unsaid(text) == []
        for name in finding.people:
            assert name in say(finding.explanation)


def test_a_finding_without_a_key_says_so() -> None:
    answers, _pair = with_copier(np.random.default_rng(3), 40, 30, 4)
    rows = {f"p{at}": {f"q{n}": "abcd"[code] for n, code in enumerate(row)} for at, row in enumerate(answers)}
    found = SharedAnswers().findings(Cohort.of(rows))
    assert found
    assert [line for line in found[0].assumptions if unsaid(line)] == []


@pytest.mark.parametrize(
    "make", [shared, hurried, lambda: (cohort_of(honest_answers(np.random.default_rng(1), 20, 8)), [])]
)
def test_the_cohorts_picture_is_understood(make: Any) -> None:
    report, study = make_report(make()[0]), look_at(make()[0])
    for words in (report.text_alternative, study.words):
        assert unsaid(words) == []
    for text in texts_of(report.picture):
        assert unsaid(text) == [] or "·" in text or text == "1"


def test_many_pairs_are_listed_in_german() -> None:
    said = say("7 of 190 pairs agree more than chance explains: Ada and Bo (adjusted p 0.012); and 2 more.")
    assert said.endswith(": Ada und Bo (angepasstes p 0,012); und 2 weitere.")


@pytest.mark.parametrize("rows", [{}, {"ada": {"q1": "a"}}])
def test_too_few_answers_are_said_in_german(rows: dict[str, dict[str, str | None]]) -> None:
    with pytest.raises(TooSmall) as refused:
        Cohort.of(rows)
    assert unsaid(str(refused.value)) == []


# --- grading ---


def outcome(verdicts: list[Verdict], log: str = "") -> tuple[Outcome, ...]:
    runs = tuple(RunOutcome(str(at), each, stdout=b"5", stderr=b"zz: line 3") for at, each in enumerate(verdicts, 1))
    return (Outcome(runs, ENGINE, log),)


def feedback(item: Any, response: object, outcomes: Any = (), tools: Tools = Tools()) -> str:  # noqa: B008  (frozen)
    found = grade(item, response, outcomes, tools)
    return found.feedback if isinstance(found, Graded) else found.reason


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_every_grader_is_understood(kind: str, data: st.DataObject) -> None:
    item, response = read_item(data.draw(item_data(kind))), data.draw(responses())
    outcomes = answered(data, item, response)
    for tools in (Tools(), Tools(embed=bag_of_words)):
        # A program's own output follows our sentences; what it printed is none of them.
        assert [line for line in unsaid(feedback(item, response, outcomes, tools)) if line] == []


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_end_of_a_program_is_understood_and_its_output_kept(verdict: Verdict) -> None:
    text = feedback(made(CODE), {"source": "x"}, outcome([verdict, verdict], "zz: undefined"))
    assert all(line.startswith("zz: ") for line in unsaid(text))
    assert say(text).count("zz: ") == text.count("zz: ")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (NUMERIC, "9.81 zz"),
        (NUMERIC, "nine"),
        (NUMERIC, "9.81"),
        ({**NUMERIC, "unit": "m/s^2", "unit_points": 1}, "9.81 kg"),
        ({**NUMERIC, "unit": "m/s^2", "unit_points": 1}, "9.81"),
        (ESSAY, "One."),
        (ESSAY, "go " * 11),
        (ESSAY, "go " * 7),
        (SHORT, "The gap interrupts the closed path."),
        (SHORT, "Because of magic in the lamp"),
        (SHORT, "The lamp has used up all the current."),
    ],
)
def test_every_grade_of_a_text_is_understood(data: dict[str, Any], text: str) -> None:
    for tools in (Tools(), Tools(embed=bag_of_words)):
        assert unsaid(feedback(made(data), {"text": text}, tools=tools)) == []


def test_answers_that_cannot_be_read_say_why_in_german() -> None:
    broken: list[object] = [3, {}, {"text": 3}, {"text": "\0"}, {"text": "x" * 200_000}, {"choice": ["zz"]}]
    broken += [{"choice": ["a", "a"]}, {"choice": ["a", "b"]}, {"source": 3}, {"source": "x" * 200_000}]
    for data in ALL.values():
        for response in broken:
            assert unsaid(feedback(made(data), response, outcome([Verdict.OK, Verdict.OK]))) == []


def test_our_own_failures_are_understood() -> None:
    for text in (tasks.NO_SANDBOX, tasks.SANDBOX_FAILED, tasks.WE_FAILED):
        assert unsaid(text) == []


@pytest.mark.parametrize(
    "answer",
    [
        "Current can flow, because the gap interrupts the closed path to the battery.",
        "path closed the interrupts gap the because, flow can current no",
        "gap path current battery closed flow",
        "gap gap gap gap gap path",
        "a lamp in a broken circuit stays dark",
        "battery 7 gap",
        "the b\u0430ttery",
        "the current can open the path " * 20,
    ],
)
def test_every_doubt_is_understood(answer: str) -> None:
    found = doubts(answer, SHORT["answers"][0], SHORT["prompt"])
    assert found
    assert [doubt for doubt in found if unsaid(doubt)] == []
