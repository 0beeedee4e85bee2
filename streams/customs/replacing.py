"""Records, and copies of them with other values in some fields, for what happens with every event.

`NamedTuple._replace` looks each field up by its name; that takes four times as long, in a record of many fields ten
times. What is made here knows the places of the fields beforehand.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, TypeVar

R = TypeVar("R", bound=NamedTuple)


def replacing(record: type[R], *names: str) -> Callable[..., R]:
    """Return a function that takes a record and new values for the named fields, in the order of `names`.

    Raises `KeyError` for a name that the record does not have.
    """
    places = {name: f"v{at}" for at, name in enumerate(names)}
    for name in places:
        if name not in record._fields:
            raise KeyError(name)
    parts: list[str] = []
    kept = 0
    for at, field in enumerate(record._fields):
        if field in places:
            parts += [*_kept(kept, at), places[field]]
            kept = at + 1
    parts += _kept(kept, len(record._fields))
    source = f"lambda record, {', '.join(places.values())}: new(cls, ({', '.join(parts)},))"
    made: Callable[..., R] = eval(source, {"new": tuple.__new__, "cls": record})  # noqa: S307 - the source is ours
    return made


def making(record: type[R]) -> Callable[[tuple[Any, ...]], R]:
    """Return a function that makes a record of all its values, given as one tuple; it takes half the time."""
    return partial(tuple.__new__, record)


def _kept(first: int, stop: int) -> list[str]:
    """Return the expression of fields that stay as they are."""
    if first == stop:
        return []
    return [f"record[{first}]"] if first + 1 == stop else [f"*record[{first}:{stop}]"]
