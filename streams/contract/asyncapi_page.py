"""The AsyncAPI document as one page for people: `docs/asyncapi.html`, without scripts and without anything to load."""

import json
import re
from collections.abc import Iterator
from html import escape
from typing import Any, Final

from streams.contract.asyncapi import Json

STYLE: Final = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --mark: light-dark(#0b57a4, #8ec5ff); }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0; display: grid; grid-template-columns: 19rem minmax(0, 1fr); }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; box-sizing: border-box; padding: 1rem;
  border-right: 1px solid var(--line); font-size: 13px; }
nav a { display: block; padding: 1px 0; } main { padding: 1rem 2rem; max-width: 75rem; }
a { color: var(--mark); text-decoration: none; } a:hover { text-decoration: underline; }
h2 { margin-top: 2.5rem; } h3 { margin: 2rem 0 .3rem; font-family: ui-monospace, monospace; font-size: 1rem; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; vertical-align: top; padding: .25rem .6rem;
  border-top: 1px solid var(--line); } th { font-weight: 600; white-space: nowrap; } thead th { border-top: 0; }
pre { background: var(--soft); padding: .7rem; overflow: auto; font-size: 13px; } code { font-size: .92em; }
summary { cursor: pointer; color: var(--mark); } .inner { padding-left: 1.6rem; }
@media (max-width: 60rem) { body { display: block; } nav { position: static; height: auto; border: 0; } }
"""


def asyncapi_page(document: Json) -> str:
    """Return the page."""
    channels, messages = document["channels"], document["components"]["messages"]
    info = document["info"]
    return "".join(
        [
            '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n',
            "<title>cee-streams: topics and records</title>\n",
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            f'<style>{STYLE}</style></head>\n<body>\n<nav aria-label="Contents"><strong>Topics</strong>\n',
            *(_link("topic", name, channel["address"]) for name, channel in channels.items()),
            "<p></p><strong>Records</strong>\n",
            *(_link("record", name, name) for name in messages),
            f"</nav>\n<main><h1>{escape(info['title'])}: topics and records</h1>\n",
            f"<p>{escape(info['description'])}</p>\n",
            f"<p>Version {escape(info['version'])} of the contract, AsyncAPI {escape(document['asyncapi'])}.</p>\n",
            "<h2>Topics</h2>\n",
            *(_topic(name, channel) for name, channel in channels.items()),
            "<h2>Records</h2>\n",
            *(_record(name, message, channels) for name, message in messages.items()),
            "</main>\n</body></html>\n",
        ]
    )


def _link(kind: str, name: str, text: str) -> str:
    return f'<a href="#{kind}-{name}">{escape(text)}</a>\n'


def _topic(name: str, channel: Json) -> str:
    records = ", ".join(f'<a href="#record-{record}"><code>{record}</code></a>' for record in channel["messages"])
    config = ", ".join(
        f"<code>{escape(key)}={escape(value)}</code>" for key, value in channel["x-topic-config"].items()
    )
    rows = [
        ("Key", escape(channel["x-key"])),
        ("Records", records or "-"),
        ("Written by", escape(", ".join(channel["x-producers"]))),
        ("Read by", escape(", ".join(channel["x-consumers"]))),
        ("Kept", escape(channel["description"])),
        ("Settings", f"{channel['bindings']['kafka']['partitions']} partitions, {config}"),
    ]
    if "parameters" in channel:
        rows.append(("slug", ", ".join(f"<code>{slug}</code>" for slug in channel["parameters"]["slug"]["enum"])))
    table = "".join(f"<tr><th>{key}</th><td>{value}</td></tr>" for key, value in rows)
    address, summary = escape(channel["address"]), escape(channel["summary"])
    return f'<h3 id="topic-{name}">{address}</h3>\n<p>{summary}</p>\n<table>{table}</table>\n'


def _record(name: str, message: Json, channels: Json) -> str:
    topics = [
        f'<a href="#topic-{topic}"><code>{escape(channel["address"])}</code></a>'
        for topic, channel in channels.items()
        if name in channel["messages"]
    ]
    fields = "".join(_rows(message["payload"]["schema"], set(), 0))
    examples = "".join(
        f"<details><summary>Example: {escape(example['name'])}</summary>"
        f"<pre>{escape(json.dumps(example['payload'], indent=2, ensure_ascii=False))}</pre></details>\n"
        for example in message["examples"]
    )
    return (
        f'<h3 id="record-{name}">{name}</h3>\n<p>{_prose(message["summary"])}</p>\n'
        f"<p>Version {message['x-version']}, fingerprint <code>{message['x-fingerprint']}</code>, on "
        f"{', '.join(topics) or 'no topic'}.</p>\n"
        f"<table><thead><tr><th>Field</th><th>Type</th><th>Meaning</th></tr></thead><tbody>{fields}</tbody></table>\n{examples}"
    )


def _rows(record: Json, shown: set[str], depth: int) -> Iterator[str]:
    """Yield a row for each field, the fields of records in it below; each record once."""
    shown.add(record["name"])
    for field in record["fields"]:
        indent = f' style="padding-left: {0.6 + 1.4 * depth:g}rem"' if depth else ""
        yield f"<tr><td{indent}><code>{field['name']}</code></td><td>{escape(_type(field))}</td>"
        yield f"<td>{_prose(field.get('doc', ''))}</td></tr>\n"
        for inner in _records(field["type"]):
            if inner["name"] not in shown:
                yield from _rows(inner, shown, depth + 1)


def _prose(text: str) -> str:
    """Return text whose names between backticks are code."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(text))


def _type(field: Json) -> str:
    return _named(field["type"]) + (", may be left out" if "default" in field else "")


def _named(kind: Any) -> str:  # noqa: ANN401 - any Avro type
    if isinstance(kind, list):
        return " or ".join(_named(one) for one in kind if one != "null")
    if not isinstance(kind, dict):
        return str(kind)
    match kind["type"]:
        case "array":
            return f"list of {_named(kind['items'])}"
        case "record" | "enum" | "fixed":
            return str(kind["name"])
        case base:
            return f"{kind['logicalType']} ({base})" if "logicalType" in kind else str(base)


def _records(kind: Any) -> Iterator[Json]:  # noqa: ANN401 - any Avro type
    """Yield the records that a type defines."""
    if isinstance(kind, list):
        for one in kind:
            yield from _records(one)
    elif isinstance(kind, dict):
        if kind["type"] == "record":
            yield kind
        elif kind["type"] == "array":
            yield from _records(kind["items"])
