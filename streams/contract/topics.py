"""The topics as `topics/*.toml` declare them: the one place where their names, keys and settings are known."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final, cast

from streams.contract._files import contract_directory

NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
CENTERS: Final = "centers.toml"
ACCOUNTS: Final = "accounts.toml"
KEYS: Final = frozenset(
    {
        "name",
        "for_each",
        "purpose",
        "key",
        "partitions",
        "retention",
        "producers",
        "consumers",
        "records",
        "carries",
        "config",
    }
)


class TopicFileError(ValueError):
    """A topic file says something that cannot be used; the text names file and key."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: `config` are Kafka's topic settings; `records` the names of the schemas it carries.

    `family` is the name of the file's pattern (`center-work-{slug}`), equal to the name where it stands alone.
    """

    name: str
    family: str
    purpose: str
    key: str
    partitions: int
    retention: str
    producers: tuple[str, ...]
    consumers: tuple[str, ...]
    records: tuple[str, ...]
    carries: str
    config: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TopicNames:
    """The names that code uses, under one namespace (a prefix for a replay beside the live topics)."""

    namespace: str = ""

    def __post_init__(self) -> None:
        """Refuse a namespace that Kafka or our metrics could not carry."""
        if self.namespace and not NAME.fullmatch(self.namespace):
            message = f"namespace {self.namespace!r}: lower-case letters, digits and single hyphens only"
            raise TopicFileError(message)

    def of(self, name: str) -> str:
        """Return the full name of a topic."""
        return f"{self.namespace}-{name}" if self.namespace else name

    def center_work(self, slug: str) -> str:
        """Return the work topic of a Center."""
        return self.of(f"center-work-{slug}")

    def center_case(self, slug: str) -> str:
        """Return the topic of the open cases of a Center."""
        return self.of(f"center-case-{slug}")

    def center_decision(self, slug: str) -> str:
        """Return the topic on which a Center answers."""
        return self.of(f"center-decision-{slug}")

    @property
    def sources(self) -> tuple[str, ...]:
        """Return the topics that the placement processor reads, always in the same order."""
        decisions = tuple(self.center_decision(slug) for slug in center_slugs())
        own = ("entry-summary-event", "headquarters-decision", "rekeyed-event")
        return (*(self.of(name) for name in own), *decisions)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Return the topics that the placement processor writes, its own changelog, journal and dead letters aside.

        What people write about dead letters is none of them.
        """
        internal = {
            *self.sources,
            *(
                self.of(name)
                for name in ("placement-state", "processing-journal", "dead-letter", "dead-letter-resolution")
            ),
        }
        own = (name for topic in load_topics() if (name := self.of(topic.name)) not in internal)
        return (*own, self.of("rekeyed-event"))

    @property
    def of_the_processor(self) -> tuple[str, ...]:
        """Return every topic that the placement processor reads or writes, each once."""
        internal = (self.of(name) for name in ("placement-state", "processing-journal", "dead-letter"))
        return tuple(dict.fromkeys((*self.sources, *self.outputs, *internal)))


@cache
def center_slugs() -> tuple[str, ...]:
    """Return the ten Centers' slugs in the order of their numbers."""
    text = (contract_directory("topics") / CENTERS).read_text("utf-8")
    return tuple(tomllib.loads(text)["slugs"])


@cache
def load_topics() -> tuple[Topic, ...]:
    """Return all topics, those of a pattern expanded, sorted by name.

    Raises `TopicFileError` for a file that is not complete or contradicts another.
    """
    topics: list[Topic] = []
    for path in sorted(contract_directory("topics").glob("*.toml")):
        if path.name not in {CENTERS, ACCOUNTS}:
            topics.extend(_read(path))
    names = [topic.name for topic in topics]
    for name in names:
        if names.count(name) > 1:
            message = f"topic {name} is declared twice"
            raise TopicFileError(message)
    return tuple(sorted(topics, key=lambda topic: topic.name))


def scaled(topics: tuple[Topic, ...], *, namespace: str = "", partitions: int | None = None) -> tuple[Topic, ...]:
    """Return the topics under a namespace and, where asked, all with another number of partitions."""
    names = TopicNames(namespace)
    return tuple(
        replace(topic, name=names.of(topic.name), partitions=partitions or topic.partitions) for topic in topics
    )


def _read(path: Path) -> Iterator[Topic]:
    declared = tomllib.loads(path.read_text("utf-8"))
    unknown, missing = declared.keys() - KEYS, KEYS - {"for_each", "carries"} - declared.keys()
    if unknown or missing:
        message = f"{path.name}: unknown {sorted(unknown)}, missing {sorted(missing)}"
        raise TopicFileError(message)
    family = str(declared["name"])
    if declared.get("for_each") == "center":
        for slug in center_slugs():
            yield _topic(path, family, declared, slug)
    else:
        yield _topic(path, family, declared, "")


def _topic(path: Path, family: str, declared: Mapping[str, object], slug: str) -> Topic:
    def text(key: str) -> str:
        return str(declared.get(key, "")).replace("{slug}", slug)

    def texts(key: str) -> tuple[str, ...]:
        return tuple(item.replace("{slug}", slug) for item in cast("list[str]", declared[key]))

    if not NAME.fullmatch(text("name")):
        message = f"{path.name}: name {text('name')!r} is not kebab-case"
        raise TopicFileError(message)
    return Topic(
        name=text("name"),
        family=family,
        purpose=text("purpose"),
        key=text("key"),
        partitions=cast("int", declared["partitions"]),
        retention=text("retention"),
        producers=texts("producers"),
        consumers=texts("consumers"),
        records=texts("records"),
        carries=text("carries"),
        config=cast("Mapping[str, str]", declared["config"]),
    )
