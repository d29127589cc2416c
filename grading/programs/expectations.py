"""What the author of a package says its submissions end in: folder names, annotations, submissions.yaml and .json."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction

from grading.programs.archive import Package
from grading.programs.checker import number
from grading.programs.errors import ProblemError
from grading.programs.problem import Expected, Submission
from grading.programs.program import LANGUAGE_OF, Sources
from grading.programs.values import Values, read_yaml
from grading.programs.verdict import Judgement

FOLDER = "submissions"
MAX_JSON = 1024 * 1024
MAX_MEANINGS = 100  # of one pattern with braces
AC, WA, NO, TLE, RTE = Judgement.AC, Judgement.WA, Judgement.NO, Judgement.TLE, Judgement.RTE
MLE, OLE, CE = Judgement.MLE, Judgement.OLE, Judgement.CE

WORDS: dict[str, Judgement] = {
    "CORRECT": AC, "ACCEPTED": AC, "AC": AC,
    "WRONG-ANSWER": WA, "WA": WA,
    "NO-OUTPUT": NO, "NO": NO,
    "TIMELIMIT": TLE, "TIME-LIMIT-EXCEEDED": TLE, "TLE": TLE,
    "RUN-ERROR": RTE, "RUN-TIME-ERROR": RTE, "RUNTIME-ERROR": RTE, "RTE": RTE, "RE": RTE, "IR": RTE,
    "MEMORY-LIMIT": MLE, "MEMORY-LIMIT-EXCEEDED": MLE, "MLE": MLE,
    "OUTPUT-LIMIT": OLE, "OUTPUT-LIMIT-EXCEEDED": OLE, "OLE": OLE,
    "COMPILER-ERROR": CE, "COMPILE-ERROR": CE, "CE": CE,
}  # fmt: skip
"""Verdicts as packages write them, in capitals, with hyphens for underscores."""

LEGACY: dict[str, Expected] = {
    "accepted": Expected(frozenset({AC})),
    "partially_accepted": Expected(frozenset({AC}), partial=True),
    "slow_accepted": Expected(frozenset({AC, TLE})),
    "wrong_answer": Expected(frozenset({WA, NO})),
    "time_limit_exceeded": Expected(frozenset({TLE})),
    "run_time_error": Expected(frozenset({RTE, MLE})),
    "memory_limit_exceeded": Expected(frozenset({MLE, RTE})),
    "output_limit_exceeded": Expected(frozenset({OLE})),
    "output_limit": Expected(frozenset({OLE})),
    "no_output": Expected(frozenset({NO})),
    "compiler_error": Expected(frozenset({CE})),
    "rejected": Expected(frozenset(set(Judgement) - {AC, Judgement.JE, Judgement.SK})),
    "check_manually": Expected(manual=True),
}

_WRONG = frozenset({WA, NO})
_CRASH = frozenset({RTE, MLE, OLE, CE})
_OK = frozenset({AC})
_SLOW = frozenset({TLE})
MODERN: dict[str, Expected] = {
    "accepted": Expected(permitted=_OK),
    "rejected": Expected(required=_WRONG | _CRASH | _SLOW),
    "wrong_answer": Expected(permitted=_OK | _WRONG, required=_WRONG),
    "time_limit_exceeded": Expected(permitted=_OK | _SLOW, required=_SLOW),
    "run_time_error": Expected(permitted=_OK | _CRASH, required=_CRASH),
    "brute_force": Expected(permitted=_OK | _CRASH | _SLOW, required=_CRASH | _SLOW),
}
_FOUR = {"AC": _OK, "WA": _WRONG, "TLE": _SLOW, "RTE": _CRASH}
_KEYS = ("permitted", "required", "score", "message", "use_for_time_limit")
_ABOUT = ("language", "entrypoint", "authors", "model_solution")

_RESULTS = re.compile(rb"@EXPECTED_(RESULTS|SCORE)@: ([^\r\n]*)", re.IGNORECASE)
_GRADES = re.compile(rb"@EXPECTED_GRADES@:?[ \t]+([A-Za-z \t]+)")


def read_submissions(package: Package, *, modern: bool) -> tuple[Submission, ...]:
    """All submissions of a package, by name. Raises `ProblemError` where what is said about them cannot be read."""
    details = _details(package)
    settings = _settings(package)
    found = sorted(set(_names(package)))
    return tuple(_submission(package, name, details, settings, modern=modern) for name in found)


def _names(package: Package) -> Iterator[str]:
    for path in (*package.files, *package.left_out):
        parts = path.split("/")
        if parts[0] == FOLDER and len(parts) >= 3:
            yield "/".join(parts[1:3])


def _submission(
    package: Package, name: str, details: Mapping[str, Values], settings: Values, *, modern: bool
) -> Submission:
    path = f"{FOLDER}/{name}"
    files = package.below(path) or {name.split("/")[1]: package.files.get(path, b"")}
    bad = [f"{left}: {why}" for left, why in package.left_out.items() if left == path or left.startswith(f"{path}/")]
    detail = details.get(path, Values({}, path))
    matching = [settings.inner(key) for key in settings.data if _matches(str(key), name)]
    language = next((one.text("language") for one in matching if one.has("language")), detail.text("langid"))
    entry = next((one.text("entrypoint") for one in matching if one.has("entrypoint")), detail.text("entry_point"))
    sources = Sources(files, our_language(language), entry)
    unsafe = {left: data for left, data in package.unsafe.items() if left == path or left.startswith(f"{path}/")}
    annotation, problem = _annotated({**files, **unsafe})
    expected = (annotation,) if annotation else _by_folder(name, settings, modern=modern)
    return Submission(name, sources, expected, "; ".join(filter(None, [*bad, problem])))


def our_language(code: str) -> str:
    """Our name of a language that a package calls "python3" or "cpp17"; "" for none that is known here."""
    code = code.lower()
    if code.startswith("py") and not code.endswith("2"):
        return "python"
    if code.startswith(("cpp", "c++")):
        return "cpp"
    names = {"js": "javascript", "node": "javascript", "sh": "bash", "ts": "typescript", "rs": "rust", "golang": "go"}
    code = names.get(code, code)
    return "c" if code in ("c", "c11", "c99", "c17") else code if code in LANGUAGE_OF.values() else ""


def _annotated(files: Mapping[str, bytes]) -> tuple[Expected | None, str]:
    """What a comment in a source says, and what is wrong with it. At most one file, one of each: as in DOMjudge."""
    found = [(kind.upper(), text) for data in files.values() for kind, text in _RESULTS.findall(data)]
    grades = [text for data in files.values() for text in _GRADES.findall(data)]
    if not found:
        if not grades:
            return None, ""
        names = tuple(word.decode().upper() for word in grades[0].split())
        wrong = [name for name in names if name not in WORDS]
        if wrong:
            return None, f"its annotation names a verdict {wrong[0]!r} that is not known"
        return Expected(grades=tuple(WORDS[name] for name in names), source="annotation"), ""
    scores = [kind for kind, text in found if kind == b"SCORE" and number(_plain(text)) is not None]
    if len(scores) > 1 or len(found) - len(scores) > 1:
        refused = all(_plain(text).upper().startswith("NONE-") for _, text in found)
        return Expected(
            refused=True, source="annotation"
        ) if refused else None, "it has more than one annotation of what it should end in"
    expected = Expected(source="annotation")
    for kind, raw in found:
        text = _plain(raw)
        value = number(text)
        if kind == b"SCORE" and value is not None:
            expected = Expected(
                expected.results,
                score=(value, value),
                manual=expected.manual,
                refused=expected.refused,
                source="annotation",
            )
            continue
        names = tuple(word.strip().upper().replace("_", "-") for word in text.split(","))
        known = frozenset(WORDS[one] for one in names if one in WORDS)
        special = [one for one in names if one == "CHECK-MANUALLY" or one.startswith("NONE-")]
        if len(known) + len(special) == 0 or any(one not in WORDS and one not in special for one in names):
            return None, f"its annotation {text[:80]!r} names a verdict that is not known"
        manual, refused = "CHECK-MANUALLY" in special, any(one.startswith("NONE-") for one in special)
        expected = Expected(known, score=expected.score, manual=manual, refused=refused, source="annotation")
    return expected, ""


def _plain(text: bytes) -> str:
    """An annotation without the end of the comment that it stands in."""
    return text.decode(errors="replace").strip().rstrip(" \t*/->%#")


def _by_folder(name: str, settings: Values, *, modern: bool) -> tuple[Expected, ...]:
    folder = name.split("/", maxsplit=1)[0]
    table = {**LEGACY, **MODERN} if modern else LEGACY
    own = settings.inner(folder) if folder in settings.data else None
    expected = list(_configured(own, table.get(folder, Expected())) if own else (table.get(folder, Expected()),))
    for key in settings.data:
        if key != folder and _matches(str(key), name):
            expected.extend(_configured(settings.inner(str(key)), Expected()))
    return tuple(one for one in expected if one.asks() or one.manual)


def _configured(values: Values, base: Expected) -> Iterator[Expected]:
    """One glob's requirements; those of test groups stand under the groups' own names."""
    groups = {
        str(key): next(_configured(values.inner(str(key)), Expected()))
        for key in values.data
        if key not in (*_KEYS, *_ABOUT)
    }
    yield Expected(
        results=base.results,
        permitted=_verdicts(values, "permitted", base.permitted),
        required=_verdicts(values, "required", base.required),
        score=_range(values),
        groups=groups,
        message=values.text("message"),
        source="submissions.yaml",
    )


def _verdicts(values: Values, key: str, default: frozenset[Judgement]) -> frozenset[Judgement]:
    if not values.has(key):
        return default
    words = values.words(key)
    if wrong := [word for word in words if word not in _FOUR]:
        raise values.fail(key, f"{wrong[0]!r} is none of {', '.join(_FOUR)}")
    return frozenset[Judgement]().union(*(_FOUR[word] for word in words))


def _range(values: Values) -> tuple[Fraction, Fraction] | None:
    value = values.data.get("score")
    if value is None:
        return None
    ends = [values.as_exact("score", one) for one in (value if isinstance(value, list) else [value])]
    if len(ends) not in (1, 2):
        raise values.fail("score", "must be a number, or a list of two")
    return ends[0], ends[-1]


def _settings(package: Package) -> Values:
    for path in (f"{FOLDER}/submissions.yaml", "submissions.yaml"):
        if path in package.files:
            return read_yaml(package.files[path], path)
    return Values({}, "submissions.yaml")


def _details(package: Package) -> dict[str, Values]:
    """DOMjudge's submissions.json: entry point and language by path."""
    name = "submissions.json"
    if name not in package.files:
        return {}
    if len(package.files[name]) > MAX_JSON:
        raise ProblemError(name, f"has more than {MAX_JSON // 1024} KiB")
    try:
        data = json.loads(package.files[name])
    except (ValueError, RecursionError) as error:
        raise ProblemError(name, f"is no readable JSON: {error}") from error
    return {str(key).rstrip("/"): Values(value, f"{name}: {key}") for key, value in Values(data, name).data.items()}


def _matches(pattern: str, name: str) -> bool:
    """Whether the pattern matches the name, or a folder that it lies in."""
    compiled = Pattern(pattern)
    parts = name.split("/")
    return any(compiled.fullmatch("/".join(parts[:count])) for count in range(1, len(parts) + 1))


class Pattern:
    """A glob of submissions.yaml: `*` stays within a name, `{a,b}` is either, nothing else is special.

    Not a regular expression: with a few stars those take time without end. Raises `ProblemError`.
    """

    def __init__(self, pattern: str) -> None:
        if len(pattern) > 200:
            raise ProblemError("submissions.yaml", f"the pattern {pattern[:80]!r} is too long")
        meanings = [""]
        for part in re.split(r"(\{[^{}]*\})", pattern.removesuffix("/")):
            choices = part[1:-1].split(",") if part.startswith("{") and part.endswith("}") else [part]
            meanings = [f"{one}{choice}" for one in meanings for choice in choices]
            if len(meanings) > MAX_MEANINGS:
                raise ProblemError("submissions.yaml", f"the pattern {pattern[:80]!r} has too many meanings")
        self._meanings = [meaning.split("/") for meaning in meanings]

    def fullmatch(self, name: str) -> bool:
        """Whether it matches the whole name."""
        parts = name.split("/")
        return any(len(one) == len(parts) and all(map(_fits, one, parts)) for one in self._meanings)


def _fits(pattern: str, part: str) -> bool:
    """In one pass: what stands between two stars is looked for as early as it can be."""
    if "*" not in pattern:
        return pattern == part
    first, *between, last = pattern.split("*")
    if not (part.startswith(first) and part.endswith(last) and len(part) >= len(first) + len(last)):
        return False
    at, end = len(first), len(part) - len(last)
    for piece in between:
        at = part.find(piece, at, end)
        if at < 0:
            return False
        at += len(piece)
    return True
