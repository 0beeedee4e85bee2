"""The page's files, read once: no build step, nothing from elsewhere."""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Final, NamedTuple

TYPES: Final[Mapping[str, str]] = {
    "html": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
}
# Nothing but our own files and figures: a foreign script would find nothing to speak to.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class StaticFile(NamedTuple):
    """One file of the page."""

    body: bytes
    content_type: str
    tag: str


@cache
def static_files() -> Mapping[str, StaticFile]:
    """Return all files of the page by name."""
    found = {}
    for path in files("streams.ops").joinpath("web").iterdir():
        kind = TYPES.get(path.name.rpartition(".")[2])
        if kind is not None:
            body = path.read_bytes()
            found[path.name] = StaticFile(body, kind, f'"{sha256(body).hexdigest()[:16]}"')
    return found
