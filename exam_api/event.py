"""What every happening has in common; what can happen stands in `events/`."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID


@dataclass(frozen=True)
class Event:
    """One happening. `stream` names the chain it belongs to in the ledger."""

    tag: ClassVar[str]

    @property
    def stream(self) -> UUID:
        """The first field is the subject: its id names the chain."""
        return next(iter(self.__dict__.values()))  # type: ignore[no-any-return]  # every event starts with a UUID (tested)

    def data(self) -> dict[str, Any]:
        """The fields as JSON values."""
        return {name: _plain(value) for name, value in asdict(self).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, datetime) else value
