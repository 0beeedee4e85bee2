"""The examples of every record, and the bytes that were once written from them."""

import json
from pathlib import Path
from typing import Any, Final, NamedTuple

from streams.contract._files import contract_directory
from streams.contract.models import EVENT_MODELS, MODELS, Record

SCHEMAS: Final = contract_directory("schemas")


class Example(NamedTuple):
    """One example of one record."""

    record: str
    name: str
    path: Path

    @property
    def mapping(self) -> dict[str, Any]:
        """The example as it stands in its file."""
        mapping: dict[str, Any] = json.loads(self.path.read_text("utf-8"))
        return mapping

    @property
    def model(self) -> Record:
        """The example as a model; events name their record in `event_type`, other records do not."""
        mapping = self.mapping
        if self.record in EVENT_MODELS:
            assert mapping.pop("event_type") == self.record
        return MODELS[self.record].model_validate(mapping)


EXAMPLES: Final = tuple(
    Example(path.parent.parent.name, path.stem, path) for path in sorted(SCHEMAS.glob("*/examples/*.json"))
)
GOLDEN: Final = tuple(sorted(SCHEMAS.glob("*/golden/*.bin")))


def label(example: Example | Path) -> str:
    """Return the name by which a test's report calls an example."""
    if isinstance(example, Example):
        return f"{example.record}-{example.name}"
    return f"{example.parent.parent.name}-{example.stem}"
