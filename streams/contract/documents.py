"""Write all documents that follow from the contract: `python -m streams.contract.documents`, in a checkout."""

from pathlib import Path
from typing import Final

from streams.contract.asyncapi import asyncapi_document, asyncapi_text
from streams.contract.asyncapi_page import asyncapi_page
from streams.contract.topic_table import topic_table
from streams.contract.wire_guide import wire_guide

DOCS: Final = Path(__file__).parents[2] / "docs"


def documents() -> dict[Path, str]:
    """Return each document's text by its place."""
    guide = DOCS / "wire.md"
    return {
        DOCS / "topics.md": topic_table(),
        DOCS / "asyncapi.json": asyncapi_text(),
        DOCS / "asyncapi.html": asyncapi_page(asyncapi_document()),
        guide: wire_guide(guide.read_text("utf-8")),
    }


if __name__ == "__main__":
    for path, text in documents().items():
        path.write_text(text, "utf-8")
