"""Numbers with their nouns, as commands say them."""


def counted(count: int, thing: str) -> str:
    """Return a number with its noun, as `1 record` and `2,000 records`."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def waiting_events(count: int) -> str:
    """Return how many events wait, as `1 event waits`."""
    return f"{counted(count, 'event')} {'waits' if count == 1 else 'wait'}"
