"""The next version of the platform: the same source in a folder of its own, with one more migration each time.

The migration rewrites the table of answers under an exclusive lock and then takes its time, so that it can be killed in
the middle.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

SLEEP = 3  # seconds in the middle of the migration
MARK = "pg_sleep"
MIGRATION = '''"""faults {number}"""

from alembic import op

revision = "{revision}"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE responses ADD COLUMN {revision} double precision DEFAULT random()")
    op.execute("SELECT {mark}({sleep})")
    op.execute("ALTER TABLE attempts ADD COLUMN {revision} integer NOT NULL DEFAULT 1")
'''


@dataclass
class NextVersion:
    """A copy of the source that grows by migrations."""

    folder: Path
    number: int = 0

    @classmethod
    def of(cls, source: Path, folder: Path) -> NextVersion:
        """Everything but `exam_api` is only linked."""
        folder.mkdir(parents=True)
        for each in source.iterdir():
            if each.name != "exam_api":
                (folder / each.name).symlink_to(each)
        shutil.copytree(source / "exam_api", folder / "exam_api", ignore=shutil.ignore_patterns("__pycache__"))
        return cls(folder)

    def add_migration(self) -> str:
        """One more; its revision, which is also the name of the columns it adds."""
        versions = self.folder / "exam_api" / "db" / "migrations" / "versions"
        before = _head([file.read_text() for file in versions.glob("*.py")])
        self.number += 1
        revision = f"faults_{self.number}"
        text = MIGRATION.format(number=self.number, revision=revision, before=before, mark=MARK, sleep=SLEEP)
        (versions / f"9999-01-01_post_{revision}.py").write_text(text)
        return revision


def _head(files: list[str]) -> str:
    """The one revision that no other follows."""

    def named(word: str) -> set[str]:
        found = (re.search(rf"^{word}[^=\n]*= *[\"'](\w+)[\"']", text, re.MULTILINE) for text in files)
        return {each.group(1) for each in found if each}

    (head,) = named("revision") - named("down_revision")
    return head
