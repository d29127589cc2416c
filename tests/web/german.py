"""German, for the tests of what is recognised."""

import re

from exam_api.web.i18n import Catalogues
from exam_api.web.sentences import sentences

CATALOGUES = Catalogues.load()
say = sentences("de", CATALOGUES.words["de"])
_QUOTED = re.compile(r"""'[^']*'|"[^"]*"|„[^“]*“|`[^`]*`""")
_ENGLISH = re.compile(r"\b(the|must|did|you|is|are|of|with|least|most|and|for|from|to|has|this|that|which)\b")


def unsaid(text: str) -> list[str]:
    """The lines of a text that German does not know, or knows in part."""
    return [line for line in text.split("\n") if say(line) == line or _ENGLISH.search(_QUOTED.sub("", say(line)))]
