"""Numbers of persons are never shown: those in social security form become stars."""

import re
from typing import Final

# An importer number in its social security form. The IRS form NN-NNNNNNN and CBP's own YYDDPP-NNNNN differ in shape.
PERSONAL_NUMBER: Final = re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])")
MASK: Final = "***-**-****"


def masked(text: str) -> str:
    """Return the text with every number in social security form replaced by stars."""
    return PERSONAL_NUMBER.sub(MASK, text)
