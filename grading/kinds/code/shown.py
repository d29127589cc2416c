"""What a candidate may see of a code item: sample tests, starters and limits; never a hidden test or a key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grading.kinds.code import function
from grading.kinds.code.submission import starter_of
from sandbox.languages import LANGUAGES

if TYPE_CHECKING:
    from grading.kinds.code.item import Code
    from grading.kinds.code.values import Test, Texts


def shown(item: Code) -> dict[str, Any]:
    tests = [_test(item, test) for test in item.tests if not test.hidden]
    main = LANGUAGES[item.language].main
    return {
        "language": item.language,
        "languages": [_language(item, name) for name in item.allowed()],
        "mode": item.mode,
        "function": item.function,
        "prototype": function.prototype(item),
        "interactive": item.interactor is not None or item.mode == "unit",
        "starter": starter_of(item, item.language).get(main, ""),
        "given": dict(item.given or {}),
        "most_files": item.most_files,
        "tests": tests,
        "hidden_tests": len(item.tests) - len(tests),
        "groups": [{"name": group.name, "points": group.points, "rule": group.rule} for group in item.groups],
        "forbid": {"imports": list(item.forbid.imports), "words": list(item.forbid.words)},
        "cpu_seconds": item.limits_for(item.language).cpu_seconds,
        "memory_mib": item.limits_for(item.language).memory_mib,
    }


def _language(item: Code, name: str) -> dict[str, Any]:
    own = item.limits_for(name)
    return {
        "name": name,
        "title": LANGUAGES[name].title,
        "main": LANGUAGES[name].main,
        "starter": dict(starter_of(item, name)),
        "cpu_seconds": own.cpu_seconds,
        "memory_mib": own.memory_mib,
    }


def _test(item: Code, test: Test) -> dict[str, Any]:
    if item.mode == "function":
        return {"name": test.name, "stdin": function.call_text(item, test), "expect": function.wanted_text(test)}
    files = {"files": dict(test.files)} if test.files else {}
    return {"name": test.name, "stdin": test.stdin, "expect": test.expect, **files}


def listing(files: Texts) -> str:
    """Several files as one text, for whoever reads the answer."""
    return "\n\n".join(f"--- {name} ---\n{text}" for name, text in files.items())
