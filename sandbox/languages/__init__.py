"""Every language the sandbox knows, in one visible table."""

from __future__ import annotations

from sandbox.languages.base import Language
from sandbox.languages.bash import BASH
from sandbox.languages.c import C
from sandbox.languages.cpp import CPP
from sandbox.languages.go import GO
from sandbox.languages.java import JAVA
from sandbox.languages.javascript import JAVASCRIPT
from sandbox.languages.python import PYTHON
from sandbox.languages.rust import RUST
from sandbox.languages.sql import SQL
from sandbox.languages.typescript import TYPESCRIPT

LANGUAGES: dict[str, Language] = {
    language.name: language for language in (PYTHON, C, CPP, JAVASCRIPT, TYPESCRIPT, JAVA, GO, RUST, BASH, SQL)
}

__all__ = ["LANGUAGES", "Language"]
