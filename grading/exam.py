"""The exam file: everything an exam is, in one YAML file that people can read.

The top of the file says what the exam is and how it runs:

    title: Data literacy and first steps in Python
    description: Markdown that the candidate reads before starting.
    duration_minutes: 60
    pass_percent: 60
    proctoring:            # may be left out: nothing is then asked for
      camera: true
      microphone: false
      fullscreen: true
      screen: false        # the screen is to be shared; what it shows stays on the candidate's computer
      rhythm: false        # how evenly somebody types is summed up once a minute; never what
      sign_of_life: false  # whether the exam only starts after a sign of life (it is asked for in any case, with a camera)
      watching: server     # or device: pictures are looked at on the candidate's computer, and only single ones leave it
      browser: any         # or locked-down: it is sat in Safe Exam Browser only, with settings that are made for each sitting
    certificate:           # may be left out: a pass then earns none
      name: Data Literacy, Foundation
      description: What its holder has shown.
      criteria: What had to be done for it (Markdown).
      valid_years: 3       # left out: it never ends
      kind: certification  # or micro-credential, or competency
      skills: [...]        # in words of a public framework; items and sections name them (grading/skills.py)
      renewal: {...}       # what keeps it valid, and `suspendable` (grading/renewal.py)
    least_minutes: 10      # may be left out: it can be submitted at any time
    shuffle: true          # may be left out: everybody gets the items in this order
    pools: [...]           # may be left out, with `sections`: everybody gets all items, on one sheet;
    sections: [...]        # grading/sections.py says what stands in them
    language: ar           # of the questions; left out: the reader's own. Arabic, Hebrew, Persian run right to left
    tools: [calculator, highlighter]   # what the room offers; see below
    stimuli:               # texts that several questions are about, shown beside each of them
      - id: the-letter
        title: A letter from 1923
        text: Markdown.
    items:
      - ...

`tools` are `calculator`, `scientific` (the calculator with functions), `highlighter`, `notes`, `eliminate` (strike
options out), `line_reader`, `zoom`, `contrast` and `read_aloud`. Left out: all but the two calculators. `[]`: none.

Each item has an `id` (small letters, digits, hyphens; unique in the exam), a `kind`, a `title`, a `prompt` (Markdown)
and `points`; perhaps the `stimulus` it is about, `tags`, by which a pool can draw, `skills` of the certificate that it
proves, and `required: true`: no submission without an answer. Markdown holds formulas in TeX between `$…$`, or `$$…$$` on a line of their own; a dollar that is
money has a backslash before it where it could be taken for one. The kind decides the other keys:

`choice`: `options`, each with `id` and `text`; `correct`, one option id, or a list with `multiple: true`. For several,
`credit` is `right_minus_wrong` (share of right options picked minus share of wrong ones, never below 0) or
`all_or_nothing`. `shuffle: true` lets each candidate see the options in another order.

`match`: `pairs`, each with `id`, `left` (Markdown) and `right` (one line of text); `distractors`, more texts for the right
side that belong to no row. Each row earns the same share of the points; one `right` may stand in several pairs.

`numeric`: `value`; `tolerance` with `absolute`, `relative` (0.01 is one percent) or both, the larger counting; `unit`;
`unit_points`, the part of the points that is for the unit. With `parameters`, numbers that differ from candidate to
candidate, `formula` stands in the place of `value` (grading/parameters.py).

`short`: `answers`, the model answers, one is enough; `reject`, well-known wrong answers; `confidence` (0.85): how sure
the machine has to be to grade without a person.

`essay`: `min_words`, `max_words`, and `rubric`, each line with `text` and `points`, which add up to the item's.

`code`: `language`, or several `languages`; `starter`; `tests`, each with `name`, `stdin`, `expect`, perhaps `hidden: true`
and `points`; `compare` (`tokens`, `exact` or `float` with `tolerance`) or a `checker`; `limits` (`cpu_seconds`,
`wall_seconds`, `memory_mib`, `processes`, `output_kib`); a `reference` solution, which must pass before the exam is
published. Functions, unit tests, interactive programs, several files, groups of tests: docs/code-questions.md.

`drawing`, `file` and `recording` are graded by a person along a `rubric`, as an essay is. `drawing`: a sheet with the
proportions `width` and `height` (4 and 3). `file`: `types`, endings of names such as `pdf`, `png`, `docx`; `most_files`
(1) and `most_mib`, the most of each (20). `recording`: `media`, `audio` or `video`; `most_seconds` (180).

An unknown key is an error, with the nearest known one. YAML reads `no` and `12` as something other than text: where
text is meant, quotes are asked for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, cast, get_args

from grading import item as items
from grading.item import Item, plain, read_item
from grading.reading import Fields, unique
from grading.renewal import Renewal, read_renewal
from grading.room import USUAL_TOOLS, Stimulus, check_stimuli, read_language, read_stimuli, read_tools
from grading.sections import Pool, Section, read_pools, read_sections
from grading.skills import Skill, check_named, read_skills

MAX_ITEMS = 300
Kind = Literal["certification", "micro-credential", "competency"]
Watching = Literal["server", "device"]
Browser = Literal["any", "locked-down"]


@dataclass(frozen=True)
class Proctoring:
    """What the candidate's machine must give during the exam. `watching`: who looks at the camera's pictures.
    `browser`: in which one it is sat.
    """

    camera: bool = False
    microphone: bool = False
    fullscreen: bool = False
    screen: bool = False
    rhythm: bool = False
    sign_of_life: bool = False
    watching: Watching = "server"
    browser: Browser = "any"

    @property
    def locked_down(self) -> bool:
        return self.browser == "locked-down"


@dataclass(frozen=True)
class Certificate:
    """What a pass earns. `valid_years` None: it never ends. `suspendable`: it names the public list of suspensions too."""

    name: str
    description: str
    criteria: str
    valid_years: int | None = None
    kind: Kind = "certification"
    skills: tuple[Skill, ...] = ()
    suspendable: bool = False
    renewal: Renewal | None = None


@dataclass(frozen=True)
class Exam:
    """A definition; it knows nothing of dates and people. At least one item, with ids used once.

    `grading.deal` makes of it what one candidate gets, which is an exam too.
    """

    title: str
    description: str
    duration_minutes: int
    pass_percent: float
    items: tuple[Item, ...]
    proctoring: Proctoring = Proctoring()
    certificate: Certificate | None = None
    least_minutes: int = 0
    shuffle: bool = False
    pools: tuple[Pool, ...] = ()
    sections: tuple[Section, ...] = ()
    language: str = ""
    tools: tuple[str, ...] = USUAL_TOOLS
    stimuli: tuple[Stimulus, ...] = ()

    @property
    def count(self) -> int:
        """How many items each candidate gets."""
        return len(self.items) - sum(len(pool.members(self.items)) - pool.draw for pool in self.pools)

    @property
    def max_points(self) -> float:
        """What each candidate can earn, whatever they draw."""
        points = {item.id: item.points for item in self.items}
        for pool in self.pools:
            for left_out in pool.members(self.items)[pool.draw :]:
                del points[left_out]
        return math.fsum(points.values())

    def item(self, item_id: str) -> Item:
        """Raises `KeyError` where no item has this id."""
        for item in self.items:
            if item.id == item_id:
                return item
        raise KeyError(item_id)


def read_exam(data: Mapping[str, Any]) -> Exam:
    """The exam that `data`, a parsed exam file, describes. Raises `ItemError` with the path of the first mistake."""
    top = Fields(data, (), tuple(field.name for field in fields(Exam)))
    exam = Exam(
        title=top.text("title", longest=200),
        description=top.text("description", "", longest=20_000),
        duration_minutes=top.whole("duration_minutes", least=1, most=1_440),
        pass_percent=top.number("pass_percent", above=0, most=100),
        proctoring=_proctoring(top),
        certificate=read_certificate(top),
        items=_items(top),
        shuffle=top.flag("shuffle", default=False),
        language=read_language(top),
        tools=read_tools(top),
        stimuli=read_stimuli(top),
    )
    check_stimuli(top, exam.stimuli, exam.items)
    pools = read_pools(top, exam.items)
    sections = read_sections(top, exam.items, pools)
    skills = exam.certificate.skills if exam.certificate else ()
    check_named([(item.skills, ("items", at)) for at, item in enumerate(exam.items)], skills)
    check_named([(each.skills, ("sections", at)) for at, each in enumerate(sections)], skills)
    return replace(
        exam,
        least_minutes=top.whole("least_minutes", 0, least=0, most=exam.duration_minutes),
        pools=pools,
        sections=sections,
    )


def to_data(exam: Exam) -> dict[str, Any]:
    """What `read_exam` turns back into an equal exam; a value for JSON or YAML, keys that hold defaults left out."""
    data: dict[str, Any] = plain(exam)
    return {**data, "items": [items.to_data(item) for item in exam.items]}


def public(exam: Exam) -> dict[str, Any]:
    """What a candidate may see of their form: as the file, with every item reduced to its public part."""
    return {
        "title": exam.title,
        "description": exam.description,
        "duration_minutes": exam.duration_minutes,
        "pass_percent": exam.pass_percent,
        "max_points": exam.max_points,
        "proctoring": {field.name: getattr(exam.proctoring, field.name) for field in fields(Proctoring)},
        **({"least_minutes": exam.least_minutes} if exam.least_minutes else {}),
        **({"sections": _shown(exam.sections)} if exam.sections else {}),
        "language": exam.language,
        "tools": list(exam.tools),
        "stimuli": plain(tuple(each for each in exam.stimuli if each.id in {item.stimulus for item in exam.items})),
        "items": [items.public(item) for item in exam.items],
    }


def _shown(sections: tuple[Section, ...]) -> list[dict[str, Any]]:
    """What a part proves is its author's and the certificate's business; in the room it would only distract."""
    return [plain(replace(each, skills=())) for each in sections]


def _proctoring(top: Fields) -> Proctoring:
    if not top.has("proctoring"):
        return Proctoring()
    names = tuple(field.name for field in fields(Proctoring))
    inner = Fields(top.value("proctoring"), ("proctoring",), names)
    watching = cast("Watching", inner.one_of("watching", get_args(Watching), "server"))
    browser = cast("Browser", inner.one_of("browser", get_args(Browser), "any"))
    asked = {name: inner.flag(name, default=False) for name in names if name not in {"watching", "browser"}}
    return Proctoring(**asked, watching=watching, browser=browser)


def read_certificate(top: Fields) -> Certificate | None:
    """The key `certificate`, here and wherever else something earns one. Raises `ItemError`."""
    if not top.has("certificate"):
        return None
    inner = Fields(top.value("certificate"), ("certificate",), tuple(field.name for field in fields(Certificate)))
    return Certificate(
        name=inner.text("name", longest=200),
        description=inner.text("description", longest=5_000),
        criteria=inner.text("criteria", longest=5_000),
        valid_years=inner.whole("valid_years", least=1, most=100) if inner.has("valid_years") else None,
        kind=cast("Kind", inner.one_of("kind", get_args(Kind), "certification")),
        skills=read_skills(inner),
        suspendable=inner.flag("suspendable", default=False),
        renewal=read_renewal(inner),
    )


def _items(top: Fields) -> tuple[Item, ...]:
    rows = top.rows("items", least=1, most=MAX_ITEMS)
    found = tuple(read_item(entry, path) for entry, path in rows)
    unique([(item.id, (*path, "id")) for item, (_, path) in zip(found, rows, strict=True)], "item id")
    return found
