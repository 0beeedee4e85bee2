"""The Avro schemas of the contract, read once from `schemas/<record>/v<version>.avsc`."""

import json
import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from fastavro.schema import fingerprint, to_parsing_canonical_form

from streams.contract._files import contract_directory

Definition = dict[str, Any]
"""A schema as parsed JSON."""

NAMESPACE: Final = "cee"
_VERSION: Final = re.compile(r"v([1-9][0-9]*)\.avsc")


class RecordSchema(NamedTuple):
    """One version of one record; `fingerprint` are the 8 bytes that single-object encoding puts before a body."""

    name: str
    version: int
    text: str
    fingerprint: bytes

    @property
    def definition(self) -> Definition:
        """The schema as parsed JSON, a fresh copy."""
        definition: Definition = json.loads(self.text)
        return definition

    @property
    def full_name(self) -> str:
        """Name with namespace, as Avro has it."""
        return f"{NAMESPACE}.{self.name}"


def fingerprint_of(text: str) -> bytes:
    """Return the CRC-64-AVRO of a schema's canonical form, little-endian as in single-object encoding."""
    return bytes.fromhex(fingerprint(to_parsing_canonical_form(json.loads(text)), "CRC-64-AVRO"))


@cache
def record_schemas() -> Mapping[str, tuple[RecordSchema, ...]]:
    """Return all versions of every record by its name, oldest first; the last one is written, all are read."""
    found: dict[str, list[RecordSchema]] = {}
    for path in sorted(contract_directory("schemas").glob("*/v*.avsc")):
        numbered = _VERSION.fullmatch(path.name)
        if numbered:
            text = path.read_text("utf-8")
            name = path.parent.name
            found.setdefault(name, []).append(RecordSchema(name, int(numbered[1]), text, fingerprint_of(text)))
    return MappingProxyType({name: tuple(sorted(all_, key=lambda one: one.version)) for name, all_ in found.items()})


def current_schema(name: str) -> RecordSchema:
    """Return the newest version of a record. Raises `KeyError` for a record that the contract does not have."""
    return record_schemas()[name][-1]
