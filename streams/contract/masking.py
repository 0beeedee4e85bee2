"""Numbers of persons are never shown: those in social security form become stars."""

import re
from typing import Final

# An importer number in its social security form. The IRS form NN-NNNNNNN and CBP's own YYDDPP-NNNNN differ in shape.
PERSONAL_NUMBER: Final = re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])")
# Among bytes any byte may stand beside it, such as the length of the next text.
_AMONG_BYTES: Final = re.compile(rb"\d{3}-\d{2}-\d{4}")
MASK: Final = "***-**-****"
MOST_SHOWN: Final = 500


def masked(text: str) -> str:
    """Return the text with every number in social security form replaced by stars."""
    return PERSONAL_NUMBER.sub(MASK, text)


def masked_bytes(value: bytes) -> bytes:
    """Return bytes of unknown form with whatever may be a number in social security form replaced by stars."""
    return _AMONG_BYTES.sub(MASK.encode(), value)


def shown(text: str) -> str:
    """Return text from outside as one line that is safe on a terminal: masked, escaped, and cut where it is long."""
    line = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in masked(text))
    return line if len(line) <= MOST_SHOWN else f"{line[:MOST_SHOWN]}..."
