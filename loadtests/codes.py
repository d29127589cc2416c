"""`make code`: the current sign-in codes of the demonstration's accounts, as an authenticator app would show them."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pyotp


def main() -> int:
    """Print one line per account."""
    file = Path(os.environ.get("INVIGIL_STATE_DIR", "var")) / "demo" / "sign-ins.json"
    if not file.exists():
        print("There is no demonstration yet; `make run` makes one.", file=sys.stderr)
        return 1
    for role, account in json.loads(file.read_text()).items():
        print(f"{role:12} {account['email']:36} {pyotp.TOTP(account['secret']).now()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
