"""Writers of groups of a record's fields, so that what comes again of it is kept as it was written."""

from typing import Any, Final

from streams.contract.compiled import Writer, compiled_writer
from streams.contract.schemas import Definition

Fields = dict[str, Any]

KEPT: Final = 16_384
"""Texts of one group that are kept."""

UUID_LENGTH: Final = "H"
"""The length of a UUID's text, 36, as Avro writes it."""


def group_writers(definition: Definition, groups: tuple[tuple[str, ...], ...]) -> list[Writer]:
    """Return a writer for each group; one after the other they write the whole record."""
    fields = {field["name"]: field for field in definition["fields"]}
    assert tuple(fields) == tuple(field for group in groups for field in group), "the groups are the record's fields"
    return [compiled_writer(definition | {"fields": [fields[field] for field in group]}) for group in groups]
