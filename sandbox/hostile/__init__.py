"""Programs that try to break the jail, and what must be true when each has tried: 64 rows that any operator can run."""

from __future__ import annotations

from sandbox.hostile.probe import Attempt, Probe
from sandbox.hostile.quick import quick
from sandbox.hostile.table import PROBES

__all__ = ["PROBES", "Attempt", "Probe", "quick"]
