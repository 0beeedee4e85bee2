"""The AsyncAPI 3 document of the contract, made from `topics/` and `schemas/`: `docs/asyncapi.json` is this.

Write it, the page made from it and the generated parts of `docs/wire.md` anew with
`python -m streams.contract.documents`; a test compares. The document takes the view of the placement processor: what it
receives, others send.
"""

import json
from itertools import groupby
from typing import Any, Final

from streams.contract._files import contract_directory
from streams.contract.schemas import current_schema, record_schemas
from streams.contract.topics import Topic, center_slugs, load_topics

PROCESSOR: Final = "placement processor"
CONTENT_TYPE: Final = "avro/binary"
SCHEMA_FORMAT: Final = "application/vnd.apache.avro+json;version=1.9.0"
BINDING_VERSION: Final = "0.5.0"
# The topic settings that the Kafka binding knows; the first is a list, the others are numbers.
BOUND: Final = ("cleanup.policy", "retention.ms", "delete.retention.ms", "max.message.bytes")
ABOUT: Final = (
    "Placement of U.S. importers in one of ten CBP Centers of Excellence and Expertise, and post-release work by "
    "Center. Values are Avro in single-object encoding (C3 01, the schema's CRC-64-AVRO, the body), or framed as "
    "Confluent's registry does; keys are ASCII and hashed with murmur2, as Kafka's Java client does. See docs/wire.md."
)

Json = dict[str, Any]


def asyncapi_document() -> Json:
    """Return the document."""
    families = _families()
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "cee-streams", "version": "1.0.0", "description": ABOUT},
        "defaultContentType": CONTENT_TYPE,
        "servers": {
            "kafka": {
                "host": "{bootstrapServers}",
                "protocol": "kafka",
                "variables": {"bootstrapServers": {"default": "127.0.0.1:9092"}},
            }
        },
        "channels": {_id(topic): _channel(topic) for topic in families},
        "operations": {name: operation for topic in families for name, operation in _operations(topic)},
        "components": {"messages": {name: _message(name) for name in sorted(record_schemas())}},
    }


def asyncapi_text() -> str:
    """Return the document as it stands in its file."""
    return json.dumps(asyncapi_document(), indent=1, ensure_ascii=False) + "\n"


def _families() -> list[Topic]:
    """Return one topic for each file, with `{slug}` for the Center where there are ten."""
    topics = sorted(load_topics(), key=lambda topic: (topic.family, topic.name))
    return [next(members) for _, members in groupby(topics, lambda topic: topic.family)]


def _general(topic: Topic, text: str) -> str:
    """Put `{slug}` for the Center of the topic that stands for all ten."""
    if "{slug}" not in topic.family:
        return text
    return text.replace(topic.name.removeprefix(topic.family.removesuffix("{slug}")), "{slug}")


def _id(topic: Topic) -> str:
    return topic.family.removesuffix("-{slug}")


def _channel(topic: Topic) -> Json:
    channel: Json = {
        "address": topic.family,
        "summary": _general(topic, topic.purpose),
        "description": f"Retention: {_general(topic, topic.retention)}."
        + (f" {topic.carries}" if topic.carries else ""),
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in topic.records},
        "bindings": {"kafka": _binding(topic)},
        "x-key": topic.key,
        "x-producers": [_general(topic, who) for who in topic.producers],
        "x-consumers": [_general(topic, who) for who in topic.consumers],
        "x-topic-config": dict(topic.config),
    }
    if "{slug}" in topic.family:
        channel["parameters"] = {"slug": {"description": "The Center.", "enum": list(center_slugs())}}
    return channel


def _binding(topic: Topic) -> Json:
    bound = {key: topic.config[key] for key in BOUND if key in topic.config}
    config = {key: value.split(",") if key == "cleanup.policy" else int(value) for key, value in bound.items()}
    return {"partitions": topic.partitions, "topicConfiguration": config, "bindingVersion": BINDING_VERSION}


def _operations(topic: Topic) -> list[tuple[str, Json]]:
    """Return what the processor does with a topic; one may be both read and written."""
    found = []
    for action, who in (("receive", topic.consumers), ("send", topic.producers)):
        if PROCESSOR in who:
            channel = f"#/channels/{_id(topic)}"
            messages = [{"$ref": f"{channel}/messages/{name}"} for name in topic.records]
            found.append(
                (f"{action}-{_id(topic)}", {"action": action, "channel": {"$ref": channel}, "messages": messages})
            )
    return found


def _message(name: str) -> Json:
    schema = current_schema(name)
    definition = schema.definition
    examples = sorted((contract_directory("schemas") / name / "examples").glob("*.json"))
    return {
        "name": name,
        "title": name.replace("_", " "),
        "summary": definition["doc"],
        "contentType": CONTENT_TYPE,
        "payload": {"schemaFormat": SCHEMA_FORMAT, "schema": definition},
        "bindings": {"kafka": {"key": {"type": "string"}, "bindingVersion": BINDING_VERSION}},
        "x-version": schema.version,
        "x-fingerprint": schema.fingerprint.hex(),
        "examples": [{"name": path.stem, "payload": json.loads(path.read_text("utf-8"))} for path in examples],
    }
