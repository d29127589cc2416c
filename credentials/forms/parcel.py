"""Everything about one certificate in one folder or ZIP file, for a USB stick, an archive, a drawer.

The bundle and the page that checks it are enough; the parts lie beside it as well, each as other people's programs take it.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from credentials import files
from credentials.canonical import Json, JsonObject
from credentials.errors import Malformed
from credentials.forms import offline
from credentials.forms.formats import BUNDLE, CREDENTIAL
from credentials.linked_data.contexts import CONTEXTS
from credentials.verification.verify import FORMAT

READ_ME = """\
This folder proves a certificate without its issuer and without a network.

  check.html                Open it in a browser: it checks the certificate that it holds, and any other bundle.
  certificate.bundle.json   All in one file: the certificate, its proof from the public log, the keys, the newest status list.
                            python -m credentials verify certificate.bundle.json --trust trust.json
  certificate.json          The certificate alone, an Open Badge 3.0, for other people's programs and wallets.

The other files are parts of the bundle, as other programs take them: log-proof.txt (c2sp.org/tlog-proof@v1), status.json (W3C Bitstring
Status List), reasons.json (why, by public codes), issuer.json (the issuer's DID document), keys.json (the history of its keys), policy.json
(whom the log names as its witnesses), anchors.json (who else saw it), contexts/ (what the words mean).

Whoever gave you this folder could have changed all of it alike. Compare the key that the check names with the one that the issuer
publishes; and whether the certificate was revoked after the status list was made, this folder cannot know.
"""
_PARTS = {name: f"{name}.json" for name in ("status", "reasons", "issuer", "keys", "policy", "anchors")}
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # as far back as ZIP files know time


def contents(
    bundle: JsonObject, library: str, words: Mapping[str, str] = offline.WORDS, lang: str = "en"
) -> dict[str, bytes]:
    """The files by their names. `library` is the text of `offline.LIBRARY`, `words` are `offline.WORDS` in another language.

    Raises Malformed for what is no bundle.
    """
    credential = bundle.get("credential")
    if bundle.get("format") != FORMAT or not isinstance(credential, dict):
        raise Malformed(f'only a bundle can be packed: a file whose "format" is "{FORMAT}"')
    made = {
        "READ-ME.txt": READ_ME.encode(),
        "check.html": offline.page(library, bundle, words, lang).encode(),
        BUNDLE: _json(bundle),
        CREDENTIAL: _json(credential),
        **{name: _json(bundle[part]) for part, name in _PARTS.items() if bundle.get(part) is not None},
    }
    logged = bundle.get("log")
    if isinstance(logged, dict) and isinstance(logged.get("proof"), str):
        made["log-proof.txt"] = logged["proof"].encode()
    named = credential.get("@context")
    for url in named if isinstance(named, list) else []:
        if isinstance(url, str) and url in CONTEXTS:
            made[f"contexts/{_file_name(url)}"] = _json(CONTEXTS[url])
    return made


def zipped(found: Mapping[str, bytes], folder: str = "certificate", at: datetime | None = None) -> bytes:
    """One ZIP file; the same files give the same bytes. `at`: the time that its entries carry, the earliest possible without."""
    moment = _EARLIEST if at is None or at.year < 1980 else at.timetuple()[:6]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(found.items()):
            entry = zipfile.ZipInfo(f"{folder}/{name}", moment)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    return out.getvalue()


def write(found: Mapping[str, bytes], folder: Path) -> None:
    """Put the files into a folder. One that holds anything is left alone. Raises Malformed, OSError."""
    if folder.exists() and any(folder.iterdir()):
        raise Malformed(f"{folder} is not empty; name a new folder")
    for name, data in found.items():
        files.write(folder / name, data)


def _file_name(url: str) -> str:
    """A context's address as the name of a file: its host and path, with nothing that a file system could mind."""
    plain = "".join(letter if letter.isalnum() or letter in ".-" else "-" for letter in url.removeprefix("https://"))
    return plain.strip("-").removesuffix(".json") + ".json"


def _json(value: Json) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"
