"""The versions of the rules that headquarters has published, as the log of its decisions holds them."""

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple

from streams.contract.codec import Codec
from streams.contract.registered import open_waiting_codec
from streams.contract.topics import TopicNames
from streams.customs.calendar import eastern_day_number
from streams.customs.policy import PlacementPolicy, PlacementRules
from streams.customs.rule_book import Adopted, AnnouncedRules, InvalidRules, rules_of
from streams.customs.tariff import published_coverage
from streams.processor.rule_shelf import RULES_VERSION, announced_in
from streams.replay.log_reader import Log, read_logs


class PublishedRules(NamedTuple):
    """What was published: the versions that workers adopt, those that they refuse, and what is amiss."""

    adopted: tuple[Adopted, ...]
    refused: tuple[str, ...]
    """One line for each version that makes no rules or came too late."""
    missing: tuple[str, ...]
    """One line for each version that some partitions do not have."""

    @property
    def rules(self) -> PlacementRules:
        """The latest rules, with all earlier ones behind them."""
        return rules_of(original_rules(), self.adopted)


def original_rules() -> PlacementRules:
    """Return the rules before any version was published: the default policy and the shipped coverage."""
    return PlacementRules(PlacementPolicy(), published_coverage())


async def read_published(
    bootstrap_servers: str, names: TopicNames, registry: str = "", client: Mapping[str, Any] | None = None
) -> PublishedRules:
    """Read every version from every partition. Raises `ClusterError` and `RegistryError`."""
    codec = await asyncio.to_thread(open_waiting_codec, registry)
    return published_in(await read_logs(bootstrap_servers, [names.of("headquarters-decision")], client), codec)


def published_in(logs: Log, codec: Codec) -> PublishedRules:
    """Return what was published, from the log of headquarters' decisions.

    Each version is taken to begin on its day. A partition that reads it only later, after its worker was down over
    that day, begins with it on the day after.
    """
    adopted: dict[str, Adopted] = {}
    refused: dict[str, str] = {}
    seen: dict[str, set[int]] = {}
    for (_, partition), records in sorted(logs.items()):
        for record in records:
            name, fields = codec.decode(record.value or b"")
            if name == RULES_VERSION:
                seen.setdefault(fields["version"], set()).add(partition)
                try:
                    version = _judged(announced_in(fields), adopted)
                except InvalidRules as fault:
                    refused[fields["event_id"]] = f"{fields['version']}: {fault}"
                    continue
                adopted.setdefault(version.event_id, Adopted(version.effective_day, version))
    missing = [
        f"{version} is missing in {len(logs) - len(found)} of {len(logs)} partitions: publish the same file again"
        for version, found in seen.items()
        if len(found) < len(logs)
    ]
    return PublishedRules(tuple(adopted.values()), tuple(refused.values()), tuple(missing))


def _judged(version: AnnouncedRules, adopted: Mapping[str, Adopted]) -> AnnouncedRules:
    """Return a version that workers adopt. Raises `InvalidRules` for one that they refuse."""
    if version.effective_day <= eastern_day_number(version.announced_ms):
        msg = "it begins no later than it was announced"
        raise InvalidRules(msg)
    if any(other.rules.version == version.version for at, other in adopted.items() if at != version.event_id):
        msg = "the name is taken"
        raise InvalidRules(msg)
    return version
