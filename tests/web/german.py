"""German, for the tests of what is recognised."""

from exam_api.web.i18n import Catalogues
from exam_api.web.sentences import sentences

CATALOGUES = Catalogues.load()
say = sentences("de", CATALOGUES.words["de"])


def unsaid(text: str) -> list[str]:
    """The lines of a text that German does not know."""
    return [line for line in text.split("\n") if say(line) == line]
