"""The contract's own check of a summary, told as paths and sentences."""

from collections.abc import Mapping, Sequence


def summary_complaints(fields: Mapping[str, object]) -> Sequence[tuple[tuple[str | int, ...], str]]:
    return ()
