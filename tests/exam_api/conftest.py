"""Fixtures that several features share."""

from tests.exam_api.sitting import enrolled, exam_source, sit, sitting

__all__ = ["enrolled", "exam_source", "sit", "sitting"]
