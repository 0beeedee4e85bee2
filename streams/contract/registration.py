"""Bring our schemas into a registry, and say where a registry differs from `schemas/`.

Done by people and pipelines, never by a program that publishes or reads: who may write records must not thereby be
able to change what they may look like.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from streams.contract.compatibility import incompatibilities
from streams.contract.errors import RegistryError
from streams.contract.registry import Registry
from streams.contract.schemas import RecordSchema, record_schemas


class Listed(NamedTuple):
    """One version of a record: its subject, the compatibility that it is given, and its id in a registry."""

    subject: str
    version: int
    compatibility: str
    schema_id: int | None


def register_all(registry: Registry, progress: Callable[[int, int], None] = lambda _done, _all: None) -> list[str]:
    """Register all versions of all records and set their compatibility; return one line a change.

    Ours are compared first, and nothing is registered where they contradict one another. The level comes before
    the first version, so that none is ever taken unchecked. May be repeated. Raises `RegistryError`.
    """
    refused = [str(one) for versions in record_schemas().values() for one in incompatibilities(versions)]
    if refused:
        message = f"the schemas contradict one another, nothing was registered: {refused[0]}"
        raise RegistryError(message)
    changes: list[str] = []
    for done, versions in enumerate(record_schemas().values()):
        progress(done, len(record_schemas()))
        changes.extend(_register(registry, versions))
    return changes


def _register(registry: Registry, versions: Sequence[RecordSchema]) -> Iterator[str]:
    subject, level = versions[0].full_name, compatibility_of(versions[0])
    was = registry.compatibility(subject)
    if was != level:
        registry.set_compatibility(subject, level)
        yield f"set {subject}: {level} (was {was or 'not set'})"
    for version in versions:
        if registry.id_of(subject, version.text) is None:
            yield f"registered {subject} v{version.version} under id {registry.register(subject, version.text)}"


def differences(registry: Registry) -> list[str]:
    """Return one line for each way in which a registry differs from `schemas/`. Raises `RegistryError`."""
    return [line for versions in record_schemas().values() for line in _differences(registry, versions)]


def _differences(registry: Registry, versions: Sequence[RecordSchema]) -> Iterator[str]:
    subject, level = versions[0].full_name, compatibility_of(versions[0])
    there = registry.versions(subject)
    if not there:
        yield f"{subject} is missing"
        return
    missing = [version for version in versions if registry.id_of(subject, version.text) is None]
    yield from (f"{subject} does not have our v{version.version}" for version in missing)
    unknown = len(there) - (len(versions) - len(missing))
    if unknown:
        yield f"{subject} has {unknown} version{'s' if unknown > 1 else ''} that we do not have"
    has = registry.compatibility(subject)
    if has != level:
        yield f"{subject} has compatibility {has or 'not set'}, not {level}"


def listing(registry: Registry | None) -> list[Listed]:
    """Return all versions of all records, with their ids where a registry is given. Raises `RegistryError`."""
    return [
        Listed(
            version.full_name,
            version.version,
            compatibility_of(version),
            registry.id_of(version.full_name, version.text) if registry else None,
        )
        for versions in record_schemas().values()
        for version in versions
    ]


def compatibility_of(schema: RecordSchema) -> str:
    """Return the compatibility that a record promises, as registries name it."""
    return str(schema.definition["compatibility"])
