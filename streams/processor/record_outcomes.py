"""What became of a record: every answer of `PlacementProcessor.process`, as metrics and folds count them."""

from typing import Final

APPLIED: Final = "applied"
"""The state changed, and no work came of it."""
ROUTED: Final = "routed"
"""Work was sent."""
REFUSED: Final = "refused"
IGNORED: Final = "ignored"
"""It said nothing new."""
REKEYED: Final = "rekeyed"
"""It was sent on to the partition of its key."""
WAITING: Final = "waiting"
"""It is kept until its entry or importer number is here."""
INDEXED: Final = "indexed"
"""The index of entries was brought up to date."""
MOVED: Final = "moved"
"""A step of a number's move between accounts was taken."""
NOT_ACTED: Final = "accepted-not-acted"
"""It was accepted, although nothing follows from it yet."""

OUTCOMES: Final = (APPLIED, ROUTED, REFUSED, IGNORED, REKEYED, WAITING, INDEXED, MOVED, NOT_ACTED)
