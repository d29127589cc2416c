"""The page editor's form ↔ the data of the exam file.

A form is a flat mapping of field names to texts, as a browser sends it. Lists become numbered fields (`option-0-text`);
a row with nothing in it is no row, so clearing a row deletes it. What is no number stays text, and the core says so.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from dataclasses import fields as fields_of

from exam_api.exams.service.typed import ON, Data, Form, given, numbers, shown, text_of
from grading.attachment import MEDIA_TYPES
from grading.errors import ItemError
from grading.item import Item
from grading.kinds import KINDS
from grading.kinds.code import Code
from grading.room import TOOLS, USUAL_TOOLS
from sandbox.languages import LANGUAGES

MAX_ROWS = 200
PROCTORING = ("camera", "microphone", "fullscreen", "screen", "rhythm", "sign_of_life")
LIMITS = ("cpu_seconds", "wall_seconds", "memory_mib", "processes", "output_kib")


@dataclass(frozen=True)
class Rows:
    """A list in the file, as rows of fields in the form. `numbers` and `flags` among `fields` are not text; of `lists` each line
    is an entry.

    A row exists where something stands in one of `telling`.
    """

    key: str
    prefix: str
    fields: tuple[str, ...]
    telling: tuple[str, ...]
    numbers: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()


OPTIONS = Rows("options", "option", ("id", "text"), ("text",))
PAIRS = Rows("pairs", "pair", ("id", "left", "right"), ("left", "right"))
RUBRIC = Rows("rubric", "criterion", ("text", "points"), ("text", "points"), numbers=("points",))
TESTS = Rows(
    "tests",
    "test",
    ("name", "stdin", "expect", "hidden", "points"),
    ("name", "stdin", "expect"),
    numbers=("points",),
    flags=("hidden",),
)
GROUPS = Rows(
    "groups",
    "group",
    ("name", "points", "rule", "tests", "needs"),
    ("name", "tests"),
    numbers=("points",),
    lists=("tests", "needs"),
)
SKILLS = Rows(
    "skills",
    "skill",
    ("id", "name", "url", "framework", "code", "type", "level"),
    ("name", "url"),
    numbers=("level",),
)
# What the form of a question does not show; the page editor leaves it as it is.
KEPT = ("tags", "required", "parameters")
FIELDS_OF_CODE = {
    "language",
    "languages",
    "starter",
    "reference",
    "tests",
    "groups",
    "compare",
    "tolerance",
    "feedback",
    "limits",
}
KEPT_OF_CODE = tuple(
    one.name for one in fields_of(Code) if one.name not in {*FIELDS_OF_CODE, *(of.name for of in fields_of(Item))}
)
# The same of the settings.
KEPT_OF_EXAM = ("least_minutes", "shuffle", "pools", "sections", "stimuli")
ROWS = {rows.key: rows for rows in (OPTIONS, PAIRS, RUBRIC, TESTS, GROUPS, SKILLS)}
BOXES = {"languages": "language", "types": "type", "skills": "skill"}
TEXTS = {"answers": "answer", "reject": "reject", "distractors": "distractor"}


# --- one item ---


def item_data(form: Form) -> Data:
    """The item that a form describes, right or wrong; `grading.item.read_item` judges it."""
    kind = form.get("kind", "")
    common = {"id": form.get("id", "").strip(), "kind": kind, "title": text_of(form, "title")}
    common |= {"prompt": text_of(form, "prompt"), **numbers(form, "points"), **given(form, "stimulus")}
    skills = [name.removeprefix("skill-") for name, value in form.items() if name.startswith("skill-") and value]
    return {**common, **({"skills": skills} if skills else {}), **(_READ[kind](form) if kind in _READ else {})}


def changed_item(form: Form, old: Data) -> Data:
    """The item that a form describes; its kind, and what the form does not show, are the old one's."""
    data = {**item_data({**form, "kind": old["kind"]}), **kept(old)}
    if not compares(old):  # no comparison was asked for: somebody else judges
        data = {key: value for key, value in data.items() if key not in {"compare", "tolerance"}}
    if set(data.get("languages", ())) == set(old.get("languages", ())) and "languages" in data:
        data["languages"] = old["languages"]  # boxes have no order
    return data


def compares(data: Data) -> bool:
    """Whether the outputs of a program are compared with what is expected."""
    return data.get("mode", "program") == "program" and "interactor" not in data


def kept(data: Data) -> Data:
    """What of an item no form shows, so that it stays as the file has it."""
    found = {key: data[key] for key in KEPT if key in data}
    if data.get("kind") != "code":
        return found
    found |= {key: data[key] for key in KEPT_OF_CODE if key in data}
    if has_tests_of_files(data):
        found["tests"] = data["tests"]
    if "files" in data.get("reference", {}):
        found["reference"] = data["reference"]
    return found


def has_tests_of_files(data: Data) -> bool:
    """Whether the tests of a program say more than a form has fields for: calls of a function, files."""
    return any(set(test) - set(TESTS.fields) for test in data.get("tests", []))


def item_form(data: Data) -> dict[str, str]:
    """The fields that show an item; `item_data` turns them back into the same item, but for what is `kept`."""
    kind = data.get("kind")
    form: dict[str, str] = {}
    for key, value in data.items():
        if key in kept(data):
            continue
        if key == "reference":
            form |= {f"reference-{name}": shown(inner) for name, inner in value.items()}
        elif key in ROWS and key not in BOXES:
            form |= _row_fields(ROWS[key], value)
        elif key in TEXTS:
            texts = [value] if isinstance(value, str) else value
            form |= {f"{TEXTS[key]}-{at}": text for at, text in enumerate(texts)}
        elif key in BOXES:
            form |= {f"{BOXES[key]}-{name}": ON for name in value}
        elif isinstance(value, dict):
            form |= {name: shown(inner) for name, inner in value.items()}
        elif key != "correct":
            form[key] = shown(value)
    if kind == "choice":
        correct = data.get("correct", [])
        picked = {correct} if isinstance(correct, str) else set(correct)
        for at, option in enumerate(data.get("options", [])):
            if option.get("id") in picked:
                form[f"option-{at}-correct"] = ON
    return {name: value for name, value in form.items() if value}


def _choice(form: Form) -> Data:
    options, correct = [], []
    letters = _letters(form, "option")
    for at in _present(form, OPTIONS):
        option_id = form.get(f"option-{at}-id", "").strip() or next(letters, "")
        options.append({"id": option_id, "text": text_of(form, f"option-{at}-text")})
        if form.get(f"option-{at}-correct"):
            correct.append(option_id)
    flags = {name: True for name in ("multiple", "shuffle") if form.get(name)}
    return {"options": options, "correct": correct, **flags, **given(form, "credit")}


def _match(form: Form) -> Data:
    letters = _letters(form, "pair")
    pairs = [{**row, "id": row.get("id", "").strip() or next(letters, "")} for row in _read_rows(form, PAIRS)]
    distractors = _texts(form, TEXTS["distractors"])
    return {"pairs": pairs, **({"distractors": distractors} if distractors else {})}


def _letters(form: Form, prefix: str) -> Iterator[str]:
    """Ids for new rows: letters that no row has."""
    used = {form.get(f"{prefix}-{at}-id", "").strip() for at in range(MAX_ROWS)}
    return (letter for letter in "abcdefghijklmnopqrstuvwxyz" if letter not in used)


def _numeric(form: Form) -> Data:
    tolerance = numbers(form, "absolute", "relative")
    formula = given(form, "formula")
    data = {**(formula or numbers(form, "value")), **given(form, "unit"), **numbers(form, "unit_points")}
    return data | ({"tolerance": tolerance} if tolerance else {})


def _short(form: Form) -> Data:
    return {**{key: _texts(form, TEXTS[key]) for key in ("answers", "reject")}, **numbers(form, "confidence")}


def _essay(form: Form) -> Data:
    return {**numbers(form, "min_words", "max_words"), "rubric": _read_rows(form, RUBRIC)}


def _drawing(form: Form) -> Data:
    return {**numbers(form, "width", "height"), "rubric": _read_rows(form, RUBRIC)}


def _file(form: Form) -> Data:
    types = [name for name in MEDIA_TYPES if form.get(f"type-{name}")]
    return {"types": types, **numbers(form, "most_files", "most_mib"), "rubric": _read_rows(form, RUBRIC)}


def _recording(form: Form) -> Data:
    return {**given(form, "media"), **numbers(form, "most_seconds"), "rubric": _read_rows(form, RUBRIC)}


def _code(form: Form) -> Data:
    limits = numbers(form, *LIMITS)
    starter = text_of(form, "starter")
    languages = [name for name in LANGUAGES if form.get(f"language-{name}")]
    data = {**given(form, "language"), **({"starter": starter} if starter else {}), "tests": _read_rows(form, TESTS)}
    data |= {**given(form, "compare", "feedback"), **numbers(form, "tolerance"), **_reference(form)}
    found = {"languages": languages, "groups": _read_rows(form, GROUPS), "limits": limits}
    return data | {key: value for key, value in found.items() if value}


def _reference(form: Form) -> Data:
    source = text_of(form, "reference-source")
    language = form.get("reference-language", "").strip() or form.get("language", "").strip()
    return {"reference": {"language": language, "source": source}} if source.strip() else {}


_READ: dict[str, Callable[[Form], Data]] = {
    "choice": _choice,
    "match": _match,
    "numeric": _numeric,
    "short": _short,
    "essay": _essay,
    "code": _code,
    "drawing": _drawing,
    "file": _file,
    "recording": _recording,
}
assert _READ.keys() == KINDS.keys()  # a new kind needs its form here


# --- the exam's own settings ---


def settings_data(form: Form, old: Data) -> Data:
    """The exam that the settings form describes, with the items and the order of the old one."""
    description = text_of(form, "description")
    proctoring: Data = {name: True for name in PROCTORING if form.get(name)}
    if form.get("device"):
        proctoring["watching"] = "device"
    if form.get("locked_down"):
        proctoring["browser"] = "locked-down"
    data: Data = {"title": text_of(form, "title"), **({"description": description} if description.strip() else {})}
    data |= numbers(form, "duration_minutes", "pass_percent")
    if proctoring:
        data["proctoring"] = proctoring
    if form.get("certificate"):
        names = {name: text_of(form, f"certificate-{name}") for name in ("name", "description", "criteria")}
        years = numbers({"valid_years": form.get("certificate-valid_years", "")}, "valid_years")
        skills = _read_rows(form, SKILLS)
        data["certificate"] = {**names, **years, **given({"kind": form.get("certificate-kind", "")}, "kind")}
        data["certificate"] |= {"skills": skills} if skills else {}
        data["certificate"] |= {"suspendable": True} if form.get("certificate-suspendable") else {}
        data["certificate"] |= _renewal_data(form)
    data |= {**given(form, "language"), "tools": [name for name in TOOLS if form.get(f"tool-{name}")]}
    return {**data, **{key: old[key] for key in ("items", *KEPT_OF_EXAM) if key in old}}


def _renewal_data(form: Form) -> Data:
    found = {name: form.get(f"renewal-{name}", "") for name in ("credits", "window_days")}
    typed = numbers(found, "credits", "window_days")
    if "credits" not in typed:
        return {}
    return {"renewal": {**typed, **({"or_exam": True} if form.get("renewal-or_exam") else {})}}


def settings_form(data: Data) -> dict[str, str]:
    """The fields that show the exam's settings."""
    plain = ("title", "description", "duration_minutes", "pass_percent", "language")
    form: dict[str, str] = {name: shown(data[name]) for name in plain if name in data}
    form |= {name: ON for name in PROCTORING if data.get("proctoring", {}).get(name)}
    if data.get("proctoring", {}).get("watching") == "device":
        form["device"] = ON
    if data.get("proctoring", {}).get("browser") == "locked-down":
        form["locked_down"] = ON
    form |= {f"tool-{name}": ON for name in data.get("tools", USUAL_TOOLS)}
    certificate = data.get("certificate")
    if certificate is not None:
        simple = {
            name: value for name, value in certificate.items() if name not in {"skills", "suspendable", "renewal"}
        }
        form |= {f"certificate-{name}": shown(value) for name, value in simple.items()}
        form |= {"certificate-suspendable": ON} if certificate.get("suspendable") else {}
        renewal = certificate.get("renewal", {})
        form |= {f"renewal-{name}": shown(renewal[name]) for name in ("credits", "window_days") if name in renewal}
        form |= {"renewal-or_exam": ON} if renewal.get("or_exam") else {}
        form |= _row_fields(SKILLS, certificate.get("skills", []))
        form["certificate"] = ON
    return form


def field_of(error: ItemError) -> str:
    """The form field that a mistake is about; `error.path` leads from the item, or from the exam."""
    key, *rest = error.path or ("title",)
    if key in ROWS and key not in BOXES and rest:
        rows = ROWS[str(key)]
        return f"{rows.prefix}-{rest[0]}-{rest[1] if len(rest) > 1 else rows.fields[0]}"
    if key in TEXTS and rest:
        return f"{TEXTS[str(key)]}-{rest[0]}"
    if key == "certificate" and rest:
        return _certificate_field(*rest)
    if key == "reference":
        return f"reference-{rest[0] if rest else 'source'}"
    if key in {"tolerance", "limits", "proctoring"} and rest:
        return str(rest[0])
    return "options" if key == "correct" else str(key)


def _certificate_field(key: str | int, *rest: str | int) -> str:
    if key == "renewal":
        return f"renewal-{rest[0] if rest else 'credits'}"
    return _skill_field([*rest]) if key == "skills" else f"certificate-{key}"


def _skill_field(path: list[str | int]) -> str:
    """`[0, "url"]` → `skill-0-url`."""
    return "-".join(["skill", *map(str, path), *(["name"] if len(path) == 1 else [])]) if path else "certificate"


# --- lists ---


def _texts(form: Form, prefix: str) -> list[str]:
    texts = (text_of(form, f"{prefix}-{at}") for at in range(MAX_ROWS))
    return [text for text in texts if text.strip()]


def _present(form: Form, rows: Rows) -> list[int]:
    """The numbers of the rows in which something stands."""
    return [
        at for at in range(MAX_ROWS) if any(form.get(f"{rows.prefix}-{at}-{name}", "").strip() for name in rows.telling)
    ]


def _read_rows(form: Form, rows: Rows) -> list[Data]:
    found = []
    for at in _present(form, rows):
        row: Data = {}
        for field in rows.fields:
            name = f"{rows.prefix}-{at}-{field}"
            if field in rows.flags:
                row.update({field: True} if form.get(name) else {})
            elif field in rows.numbers:
                row.update(numbers({field: form.get(name, "")}, field))
            elif field in rows.lists:
                lines = [line for line in text_of(form, name).split("\n") if line.strip()]
                row.update({field: lines} if lines else {})
            elif text := text_of(form, name):
                row[field] = text
        found.append(row)
    return found


def _row_fields(rows: Rows, entries: list[Data]) -> dict[str, str]:
    return {
        f"{rows.prefix}-{at}-{field}": "\n".join(entry[field]) if field in rows.lists else shown(entry[field])
        for at, entry in enumerate(entries)
        for field in rows.fields
        if field in entry
    }
