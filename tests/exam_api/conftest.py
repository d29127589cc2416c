"""Fixtures that several features share."""

from tests.exam_api.sitting import enrolled, sit, sitting

__all__ = ["enrolled", "sit", "sitting"]
