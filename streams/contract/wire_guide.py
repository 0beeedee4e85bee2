"""The generated parts of `docs/wire.md`: the table of keys, and every record with an example.

They stand between `<!-- NAME -->` and `<!-- end of NAME -->`.
"""

import json
import re
import zlib
from itertools import groupby
from typing import Final

from streams.contract._files import contract_directory
from streams.contract.keys import account_key, murmur2, partition_for
from streams.contract.schemas import current_schema, record_schemas
from streams.contract.topics import load_topics

PARTITIONS: Final = 12


def wire_guide(text: str) -> str:
    """Return the guide with its generated parts as they follow from the contract now."""
    for name, part in (("keys", keys_table()), ("records", records_part())):
        pattern = re.compile(rf"(<!-- {name} -->\n).*(<!-- end of {name} -->)", re.DOTALL)
        text, found = pattern.subn(lambda match, part=part: f"{match[1]}{part}{match[2]}", text)  # type: ignore[misc]  # a default argument binds the part
        assert found == 1, f"the guide has {found} places for {name}"
    return text


def keys_table() -> str:
    """Return the golden vectors as a table, with what librdkafka's default partitioner would do."""
    golden = json.loads((contract_directory("schemas") / "golden-keys.json").read_text("utf-8"))
    rows = [(row["importer_number"], account_key(row["importer_number"])) for row in golden["importers"]]
    rows += [("", row["key"]) for row in golden["others"]]
    head = "| Importer number | Key | murmur2 | Partition of 12 | with CRC32: wrong |\n|---|---|---|---|---|\n"
    return head + "".join(_key_row(number, key.encode()) for number, key in rows)


def _key_row(number: str, key: bytes) -> str:
    told = f"`{number}`" if number else "-"
    partition, wrong = partition_for(key, PARTITIONS), zlib.crc32(key) % PARTITIONS
    return f"| {told} | `{key.decode()}` | {murmur2(key)} | {partition} | {wrong} |\n"


def records_part() -> str:
    """Return every record: what it says, where it goes, an example and its bytes."""
    return "\n".join(_record(name) for name in sorted(record_schemas())) + "\n"


def _record(name: str) -> str:
    schema = current_schema(name)
    folder = contract_directory("schemas") / name
    example = min((folder / "examples").glob("*.json"))
    golden = folder / "golden" / f"v{schema.version}-{example.stem}.bin"
    value = golden.read_bytes()
    return (
        f"### `{name}`\n\n{schema.definition['doc']}\n\n"
        f"- Topics: {_topics_of(name)}\n"
        f"- Schema: `schemas/{name}/v{schema.version}.avsc`; values begin with `{value[:10].hex(' ')}`\n"
        f"- Bytes of the example: `schemas/{name}/golden/{golden.name}` ({len(value)})\n\n"
        f"<details><summary>{example.stem}</summary>\n\n```json\n{example.read_text('utf-8').rstrip()}\n```\n\n</details>\n"
    )


def _topics_of(name: str) -> str:
    topics = sorted((topic for topic in load_topics() if name in topic.records), key=lambda topic: topic.family)
    families = [family for family, _ in groupby(topics, lambda topic: topic.family)]
    return ", ".join(f"`{family}`" for family in families) or "none: it is kept as a value of `placement-state`"
