"""Safe Exam Browser: its settings files, the Config Key of their content, and the hashes by which a browser proves it."""

from lockdown.container import read, seal, wrap
from lockdown.key import config_key
from lockdown.proof import proves, request_hash
from lockdown.settings import Lock, settings_of

__all__ = ["Lock", "config_key", "proves", "read", "request_hash", "seal", "settings_of", "wrap"]
