"""Every language the sandbox knows, in one visible table."""

from __future__ import annotations

from sandbox.languages.base import Language
from sandbox.languages.c import C
from sandbox.languages.python import PYTHON

LANGUAGES: dict[str, Language] = {language.name: language for language in (PYTHON, C)}

__all__ = ["LANGUAGES", "Language"]
