"""The ten Centers by their slugs."""

from difflib import get_close_matches

from streams.centers.errors import UnknownCenter
from streams.contract.topics import center_slugs


def center_slug(text: str) -> str:
    """Return a Center's slug as it is written; raises `UnknownCenter`, which names the nearest one."""
    slug = text.strip().lower()
    if slug in center_slugs():
        return slug
    parts = [known for known in center_slugs() if slug and slug in known]
    near = parts or get_close_matches(slug, center_slugs(), n=1, cutoff=0.4) or _by_word(slug)
    hint = f"did you mean {near[0]}?" if near else f"the Centers are {', '.join(center_slugs())}"
    message = f"there is no Center {text!r}: {hint}"
    raise UnknownCenter(message)


def _by_word(slug: str) -> list[str]:
    """Find a Center one of whose words is near: `electronic` or `texties`."""
    words = {word: known for known in center_slugs() for word in known.split("-")}
    return [words[word] for word in get_close_matches(slug, words, n=1, cutoff=0.6)]
