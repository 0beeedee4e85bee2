"""Personal numbers are never shown: social security numbers become stars, party fields only their shape."""

import re
from typing import Final

# An importer number in its social security form. The IRS form NN-NNNNNNN and CBP's own YYDDPP-NNNNN differ in shape.
PERSONAL_NUMBER: Final = re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])")
MASK: Final = "***-**-****"


def masked(text: str) -> str:
    """Return the text with every number in social security form replaced by stars."""
    return PERSONAL_NUMBER.sub(MASK, text)


def shape(text: str) -> str:
    """Show how a text is built without its content: 9 for a digit, A for a letter, the rest as it is."""
    return "".join("9" if char.isdigit() else "A" if char.isalpha() else char for char in text)
