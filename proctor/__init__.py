"""Proctoring signals that explain themselves: frames and browser events → signals → flags, for a person to judge."""

from proctor.flag import Flag, Severity
from proctor.signal import BrowserEvent, Signal, SignalKind
from proctor.timeline import flags

__all__ = ["BrowserEvent", "Flag", "Severity", "Signal", "SignalKind", "flags"]
