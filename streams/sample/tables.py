"""The sample's own tables: chapters, countries, ports."""

import csv
from collections.abc import Iterator
from importlib import resources


def table(name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of one of this package's tables."""
    text = resources.files("streams.sample").joinpath("data", name).read_text("utf-8")
    yield from csv.DictReader(text.splitlines())
