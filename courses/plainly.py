"""Say in a sentence what the YAML parser said in its own words."""

import yaml

# (part of the parser's context, part of its problem, the sentence, whether the line to show is where the thing began).
# The first that fits wins, so the particular ones stand first.
_SENTENCES: tuple[tuple[str, str, str, bool], ...] = (
    ("", "tab character", "A tab stands where only spaces may; indent with spaces.", False),
    ("quoted scalar", "end of stream", "A quotation mark is opened here and never closed.", True),
    (
        "quoted scalar",
        "escape",
        "A backslash inside double quotes starts a special character; write \\\\ or use single quotes.",
        False,
    ),
    ("flow sequence", "", "A list in [ ] starts here and is not closed, or a comma is missing in it.", True),
    ("flow mapping", "", "A group in { } starts here and is not closed, or a comma is missing in it.", True),
    ("flow node", "", "A bracket stands where a value is expected.", False),
    (
        "",
        "mapping values",
        (
            "This colon comes unexpectedly: the line is indented differently from its neighbours, or the line above lacks "
            "its colon, or the text after the first colon needs quotation marks."
        ),
        False,
    ),
    ("", "block sequence entries", 'A list entry "- " must start on its own line, below its name.', False),
    ("block collection", "", "This line is indented differently from the list it belongs to.", False),
    ("block mapping", "", "This line is indented differently from its neighbours, or lacks a colon.", False),
    ("simple key", "", "This line lacks a colon after its name.", True),
    ("", "undefined alias", "A value that starts with * must stand in quotation marks.", False),
    ("alias", "", "A value that starts with * must stand in quotation marks.", False),
    ("anchor", "", "A value that starts with & must stand in quotation marks.", False),
    ("", "control characters", "An invisible character stands here; delete it.", False),
    ("", "tag", "A value that starts with ! must stand in quotation marks.", False),
    ("directive", "", "A line must not start with %; put quotation marks around the text.", False),
    ("block scalar", "", "After | or > nothing may follow on the same line; the text starts on the next one.", False),
    (
        "",
        "cannot start any token",
        "A value must not start with this character (@, `, % or a tab); put quotation marks around the text.",
        False,
    ),
    ("single document", "", 'Only one document may stand in a file; remove the second line "---".', False),
)


def in_plain_words(error: yaml.MarkedYAMLError) -> tuple[int, str]:
    """Return the 1-based line to look at, and a sentence about what is wrong there."""
    context, problem = error.context or "", error.problem or ""
    for in_context, in_problem, sentence, at_start in _SENTENCES:
        if in_context in context and in_problem in problem:
            return _line(error, at_start=at_start), sentence
    return _line(error, at_start=False), f"This cannot be read as YAML ({problem or context})."


def _line(error: yaml.MarkedYAMLError, *, at_start: bool) -> int:
    marks = (error.context_mark, error.problem_mark) if at_start else (error.problem_mark, error.context_mark)
    return next((mark.line + 1 for mark in marks if mark is not None), 1)
