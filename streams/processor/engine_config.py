"""Which topic plays which part for the engine, for the worker and for commands beside it."""

from collections.abc import Mapping
from pathlib import Path

from streams.contract.keys import RULES_KEY
from streams.contract.topics import TopicNames
from streams.engine.config import EngineConfig


def engine_config(
    names: TopicNames,
    application: str,
    bootstrap_servers: str,
    client: Mapping[str, object],
) -> EngineConfig:
    """Return how the core runs on these topics.

    That is all a command needs which only writes a wish to the changelog; a worker adds its folder and its limits.
    """
    return EngineConfig(
        app_id=names.of(application),
        bootstrap_servers=bootstrap_servers,
        sources=names.sources,
        changelog=names.of("placement-state"),
        journal=names.of("processing-journal"),
        dead_letter=names.of("dead-letter"),
        outputs=names.outputs,
        common_keys=frozenset({RULES_KEY}),
        state_dir=Path(),
        client=client,
    )
