"""The topics as a table for people: `docs/topics.md` is this text, and a test holds it to the declarations.

Write it anew with `python -m streams.contract.documents`.
"""

from itertools import groupby

from streams.contract.topics import Topic, load_topics

HEAD = """# Topics

Written from `topics/*.toml` by `python -m streams.contract.documents`; a test compares. `{slug}` stands for the ten
Centers.

| Topic | Partitions | Purpose | Key | Records | Retention | Producers | Consumers |
|---|---|---|---|---|---|---|---|
"""


def topic_table() -> str:
    """Return the Markdown text: one row a topic, ten Centers' topics in one row."""
    families = groupby(sorted(load_topics(), key=lambda topic: (topic.family, topic.name)), lambda topic: topic.family)
    return HEAD + "".join(_row(family, next(members)) for family, members in families)


def _row(family: str, topic: Topic) -> str:
    slug = topic.name.removeprefix(family.removesuffix("{slug}")) if "{slug}" in family else ""

    def general(text: str) -> str:
        return text.replace(slug, "{slug}") if slug else text

    records = ", ".join(f"`{record}`" for record in topic.records) or "-"
    carries = f"{records}; {topic.carries}" if topic.carries else records
    cells = (
        f"`{family}`",
        str(topic.partitions),
        general(topic.purpose),
        topic.key,
        carries,
        general(topic.retention),
        general(", ".join(topic.producers)),
        general(", ".join(topic.consumers)),
    )
    return f"| {' | '.join(cells)} |\n"
