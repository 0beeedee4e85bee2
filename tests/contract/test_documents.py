"""Documents that follow from the contract are in step with it, and say what the specification wants."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from streams.contract.asyncapi import asyncapi_document
from streams.contract.documents import documents
from streams.contract.schemas import record_schemas
from streams.contract.topics import load_topics
from streams.contract.wire_guide import wire_guide

SPECIFICATION = Path(__file__).parent / "asyncapi" / "3.0.0.json"
DOCUMENT = asyncapi_document()


@pytest.fixture(scope="module")
def specification() -> Any:
    return jsonschema_rs.validator_for(json.loads(SPECIFICATION.read_text("utf-8")))


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_a_document_is_the_one_written_from_the_contract(path: Path) -> None:
    assert path.read_text("utf-8") == documents()[path], "run: python -m streams.contract.documents"


def test_the_document_is_valid_asyncapi(specification: Any) -> None:
    assert [str(error) for error in specification.iter_errors(DOCUMENT)] == []


@pytest.mark.parametrize(
    "broken",
    [
        DOCUMENT | {"asyncapi": "4.0.0"},
        DOCUMENT | {"channels": {"center-work": DOCUMENT["channels"]["center-work"] | {"adress": "x"}}},
        DOCUMENT | {"operations": {"send-x": {"action": "publish", "channel": {"$ref": "#/channels/x"}}}},
        {key: value for key, value in DOCUMENT.items() if key != "info"},
    ],
    ids=["version", "unknown key", "unknown action", "no title"],
)
def test_the_validation_sees_what_is_wrong(specification: Any, broken: Any) -> None:
    assert list(specification.iter_errors(broken))


def references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if "$ref" in part else []
        return own + [found for key, value in part.items() if key != "payload" for found in references(value)]
    return [found for one in part for found in references(one)] if isinstance(part, list) else []


def test_every_reference_leads_somewhere() -> None:
    for reference in references(DOCUMENT):
        place: Any = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
        assert place


def test_every_topic_and_every_record_is_in_it() -> None:
    addresses = {channel["address"] for channel in DOCUMENT["channels"].values()}

    assert addresses == {topic.family for topic in load_topics()}
    assert DOCUMENT["components"]["messages"].keys() == record_schemas().keys()


class Page(HTMLParser):
    """What a page loads, and where its links lead."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.links: set[str] = set()
        self.places: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "href" and tag == "a":
                self.links.add(str(value))
            elif name in {"src", "href", "srcset", "data", "action"} or tag in {"script", "iframe", "link"}:
                self.loaded.append(f"{tag} {name}={value}")
            if name == "id":
                assert value not in self.places, f"two places are called {value}"
                self.places.add(str(value))


def test_the_page_loads_nothing_and_its_links_lead_to_places_in_it() -> None:
    text = Path("docs/asyncapi.html").read_text("utf-8")
    page = Page(text)

    assert page.loaded == []
    assert not re.search(r"url\(|@import", text)
    assert {link.removeprefix("#") for link in page.links} == page.places


def test_the_guide_names_every_record_with_an_example() -> None:
    guide = Path("docs/wire.md").read_text("utf-8")

    assert re.findall(r"^### `(\w+)`$", guide, re.MULTILINE) == sorted(record_schemas())
    assert guide.count("```json\n") == len(record_schemas())


def test_a_guide_without_a_place_for_the_records_is_noticed() -> None:
    with pytest.raises(AssertionError, match="0 places for records"):
        wire_guide("<!-- keys -->\n<!-- end of keys -->\n")
