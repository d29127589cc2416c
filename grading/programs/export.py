"""Write a problem as a package that other judges read. Pure: paths and bytes, and one deterministic zip.

Every writer reads its own package back before it hands it out, and refuses where that is not the same problem: a
format that cannot say "all or nothing" must not quietly say something else.
"""

from __future__ import annotations

import io
import json
import shlex
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace

import yaml

from grading.programs.archive import Package
from grading.programs.coderunner import read_coderunner
from grading.programs.compare import Tokens, flags_of
from grading.programs.dmoj import read_dmoj
from grading.programs.errors import NotSupported, ProblemError
from grading.programs.export_coderunner import coderunner_xml
from grading.programs.export_dmoj import dmoj_files
from grading.programs.export_groups import legacy_settings, modern_settings
from grading.programs.kattis import read_kattis
from grading.programs.problem import Problem, ProblemLimits, Submission, Test

Files = dict[str, bytes]


def write_kattis(problem: Problem, *, legacy: bool = False) -> Files:
    """A Kattis package, 2023-07 or legacy. Raises `NotSupported` for what that format cannot say."""
    files = _kattis(problem, legacy=legacy)
    return _same(problem, files, lambda package: read_kattis(package, "kattis"), "legacy" if legacy else "2023-07")


def write_dmoj(problem: Problem) -> Files:
    """A DMOJ folder. Raises `NotSupported` for what init.yml cannot say."""
    return _same(problem, dmoj_files(problem), read_dmoj, "DMOJ's")


def write_coderunner(problem: Problem) -> bytes:
    """A file with one CodeRunner question. Raises `NotSupported` for what such a question cannot say."""
    data = coderunner_xml(problem)
    (found,) = read_coderunner(data, problem.name)
    if isinstance(found, ProblemError):
        raise found
    if (difference := difference_of(problem, found)) is not None:
        raise NotSupported(difference, "CodeRunner's format cannot say it")
    return data


def zipped(files: Mapping[str, bytes]) -> bytes:
    """One zip, the same bytes for the same files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            archive.writestr(zipfile.ZipInfo(path), files[path], zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _same(problem: Problem, files: Files, read: Callable[[Package], Problem], name: str) -> Files:
    try:
        found = read(Package(problem.name, files))
    except ProblemError as error:
        raise NotSupported(error.place, f"the {name} format cannot say it: {error.message}") from error
    if (difference := difference_of(problem, found)) is not None:
        raise NotSupported(difference, f"the {name} format cannot say it")
    return files


def difference_of(one: Problem, two: Problem) -> str | None:
    """The first part in which two problems differ; None where they are the same. Notes and flavour are no part.

    Nor is what a submission's folder asks for: each format has its own words for that. Where every test must pass and
    nothing has points, it is no matter in which groups they lie.
    """
    if not (_every_test_must_pass(one) and _every_test_must_pass(two)) and one.tree != two.tree:
        return "tree"
    for name in vars(one):
        if name not in IGNORED and getattr(one, name) != getattr(two, name):
            return name
    mine, theirs = ([_without_folder(sub) for sub in problem.submissions] for problem in (one, two))
    return None if mine == theirs else "submissions"


IGNORED = ("notes", "flavour", "stop_early", "submissions", "tree")


def _every_test_must_pass(problem: Problem) -> bool:
    groups = tuple(problem.tree.groups())
    return not problem.scoring and not any(
        group.any_accepted or group.verdict == "accept" or group.uncounted or group.requires for group in groups
    )


def _without_folder(submission: Submission) -> Submission:
    said = tuple(one for one in submission.expected if one.source)
    return replace(submission, limits=None, expected=said)


# --- Kattis ---------------------------------------------------------------------------------------------------------


def _kattis(problem: Problem, *, legacy: bool) -> Files:
    files: Files = {"problem.yaml": _dump(_settings(problem, legacy=legacy))}
    files.update(legacy_settings(problem.tree) if legacy else modern_settings(problem))
    for test in problem.tests:
        files.update(_test(problem, test, legacy=legacy))
    if problem.author:
        folder = "output_validators/validator" if legacy else "output_validator"
        files.update({f"{folder}/{name}": data for name, data in problem.author.program.files.items()})
    for language, included in problem.include.items():
        code = {"python": "python3"}.get(language, language)
        files.update({f"include/{code}/{name}": data for name, data in included.items()})
    if problem.statement:
        files["problem_statement/problem.en.md" if legacy else "statement/problem.en.md"] = problem.statement.encode()
    files.update(_submissions(problem, legacy=legacy))
    return files


def _settings(problem: Problem, *, legacy: bool) -> dict[str, object]:
    kinds = ["scoring" if problem.scoring else "pass-fail"]
    settings: dict[str, object] = {"name": problem.name}
    if legacy:
        words = [
            "custom",
            *(["interactive"] if problem.interactive else []),
            *(["multi-pass"] if problem.multi_pass else []),
        ]
        settings |= {"type": kinds[0]} | ({"validation": " ".join(words)} if problem.author else {})
        if flags := {_flags(problem, test) for test in problem.tests} - {()}:
            settings["validator_flags"] = shlex.join(flags.pop())
    else:
        kinds += [*(["interactive"] if problem.interactive else []), *(["multi-pass"] if problem.multi_pass else [])]
        settings = {"problem_format_version": "2023-07-draft", **settings, "type": kinds}
        if problem.languages:
            settings["languages"] = ["python3" if one == "python" else one for one in problem.languages]
    if limits := _limits(problem.limits, legacy=legacy):
        settings["limits"] = limits
    return settings


def _limits(limits: ProblemLimits, *, legacy: bool) -> dict[str, object]:
    usual = ProblemLimits(to_slowest=ProblemLimits.to_slowest if legacy else 2.0)
    names = {
        "seconds": "time_limit", "memory_mib": "memory", "output_mib": "output", "passes": "validation_passes",
        "check_seconds": "validation_time", "check_memory_mib": "validation_memory", "resolution": "time_resolution",
    }  # fmt: skip
    said: dict[str, object] = {
        key: getattr(limits, name) for name, key in names.items() if getattr(limits, name) != getattr(usual, name)
    }
    if limits.to_slowest != usual.to_slowest:
        said |= (
            {"time_multiplier": limits.to_slowest}
            if legacy
            else {"time_multipliers": {"ac_to_time_limit": limits.to_slowest}}
        )
    return said


def _test(problem: Problem, test: Test, *, legacy: bool) -> Files:
    path = f"data/{test.name}"
    files: Files = {f"{path}.in": test.input, f"{path}.ans": test.answer}
    files.update({f"{path}.files/{name}": data for name, data in test.files.items()})
    own: dict[str, object] = {"args": list(test.args)} if test.args else {}
    flags = (
        list(test.checker_args)
        if problem.author
        else list(flags_of(test.compare))
        if isinstance(test.compare, Tokens)
        else []
    )
    if flags:
        own["output_validator_flags" if legacy else "output_validator_args"] = flags
    return files | ({f"{path}.yaml": _dump(own)} if own else {})


def _flags(problem: Problem, test: Test) -> tuple[str, ...]:
    """What the output validator of a test is called with, be it the package's own or the default one."""
    if problem.author:
        return test.checker_args
    return flags_of(test.compare) if isinstance(test.compare, Tokens) else ()


def _submissions(problem: Problem, *, legacy: bool) -> Files:
    files: Files = {}
    details: dict[str, dict[str, str]] = {}
    for one in problem.submissions:
        folder = len(one.sources.files) != 1 or next(iter(one.sources.files)) != one.name.rsplit("/", 1)[-1]
        start = f"submissions/{one.name}" + ("/" if folder else "")
        files.update({start + name if folder else start: data for name, data in one.sources.files.items()})
        keys = ("langid", "entry_point") if legacy else ("language", "entrypoint")
        said = dict(zip(keys, (one.sources.language, one.sources.entry), strict=True))
        if said := {key: value for key, value in said.items() if value}:
            details[start if legacy else one.name] = said
    if details:
        files["submissions.json" if legacy else "submissions/submissions.yaml"] = (
            json.dumps(details).encode() if legacy else _dump(details)
        )
    return files


def _dump(data: object) -> bytes:
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True).encode()
