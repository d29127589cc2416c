"""Code items: what an author may ask for, what runs for an answer, and what the answer is worth."""

from __future__ import annotations

from grading.kinds.code.item import Code
from grading.kinds.code.values import CodeLimits, LanguageLimits, Test, TestGroup

__all__ = ["Code", "CodeLimits", "LanguageLimits", "Test", "TestGroup"]
