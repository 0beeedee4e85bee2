"""`cee state verify` and `cee replay`, put together from settings."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from streams.contract.codec import Codec
from streams.contract.provision import ClusterError, partition_counts
from streams.contract.registered import open_waiting_codec
from streams.contract.topics import TopicNames
from streams.customs.policy import PlacementPolicy, PlacementRules
from streams.customs.tariff import published_coverage
from streams.processor.clock import EVENT_CLOCK, TimeSource
from streams.processor.journal import AvroJournalCodec
from streams.processor.processor import PlacementProcessor
from streams.repair.shadow import Comparison, Live, Span, replay_into
from streams.repair.stores import check_store, store_folders
from streams.replay.log_reader import read_logs
from streams.replay.verify import verify
from streams.settings import Settings


async def verify_state(settings: Settings, names: TopicNames, *, folds: bool) -> dict[str, Any]:
    """Return what a comparison of stores, changelog and fold found, as plain values. Raises `ClusterError`."""
    client = settings.security.client()
    changelog = names.of("placement-state")
    log = await read_logs(settings.bootstrap_servers, [changelog], client)
    state_dir = settings.state_dir.resolve()
    stores = [
        check_store(folder, partition, log.get((changelog, partition), []))
        for folder, partition in store_folders(state_dir, names.of(settings.application))
    ]
    told = None
    agrees = not any(store.wrong for store in stores)
    if folds:
        live = await live_of(settings, names)
        verdict = await verify(live.bootstrap_servers, names, live.processor, live.codec, client)
        counted = (
            f"fold by CEE_TIME={live.time_source.value}, as the state tells: "
            f"{verdict.records} records in {verdict.transactions} transactions, {verdict.outputs} outputs, "
            f"{verdict.state_keys} state keys: {verdict.lost} lost, {verdict.doubled} doubled, "
            f"{verdict.compacted} compacted away"
        )
        told = [*verdict.wrong, counted]
        agrees = agrees and verdict.is_clean
    named = [{**store._asdict(), "folder": str(store.folder)} for store in stores]
    return {"agrees": agrees, "stores": named, "fold": told}


async def live_of(settings: Settings, names: TopicNames) -> Live:
    """Return the live topics with the processor that this version would run on them. Raises `ClusterError`.

    By which clock the workers lived, their state tells: who looks into it later need not know how they were started.
    """
    client = settings.security.client()
    first = names.sources[0]
    counts = await partition_counts(settings.bootstrap_servers, [first], client)
    if first not in counts:
        message = f"{settings.bootstrap_servers} has no topic {first}"
        raise ClusterError(message)
    codec = open_waiting_codec(settings.schema_registry_url)
    rules = PlacementRules(PlacementPolicy(), published_coverage())
    time_source = await _time_source_of(settings, names)
    processor = PlacementProcessor(codec, names, counts[first], rules, time_source)
    journal = AvroJournalCodec(Codec())
    return Live(settings.bootstrap_servers, names, counts[first], processor, time_source, journal, client)


async def _time_source_of(settings: Settings, names: TopicNames) -> TimeSource:
    changelog, client = names.of("placement-state"), settings.security.client()
    log = await read_logs(settings.bootstrap_servers, [changelog], client, keep=lambda _, key: key == EVENT_CLOCK)
    return TimeSource.EVENT if any(log.values()) else TimeSource.BROKER


async def replay(settings: Settings, shadow: TopicNames, span: Span, say: Callable[[str], None]) -> Comparison:
    """Replay what lies under the settings' namespace into another one. Raises `ClusterError`."""
    live = await live_of(settings, TopicNames(settings.namespace))
    say(f"the workers live by CEE_TIME={live.time_source.value}, as their state tells; the replay does so too")
    return await replay_into(live, shadow, span, say)


def as_plain(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as plain values, for JSON; topics in which nothing is are left out."""
    told = asdict(comparison)
    told["topics"] = {name: one for name, one in told["topics"].items() if any(one.values())}
    return {"equal": comparison.is_equal, **told}
