"""What all models have in common: they are frozen, take no unknown field, and know their bytes' fields."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, Final, Self, TypeVar, Union, cast, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, Strict

from streams.contract.masking import MASK
from streams.contract.models.moments import HappenedAt, as_date, as_instant
from streams.contract.models.numbers import PERSON, EventId, Source

_HUMP: Final = re.compile(r"(?<!^)(?=[A-Z])")

T = TypeVar("T")
Many = Annotated[tuple[T, ...], Strict(strict=False)]
"""An array: a tuple in the model, a tuple or list where it comes from."""
MAX_LISTED: Final = 5_000
Listed = Annotated[Many[T], Field(max_length=MAX_LISTED)]
"""An array of entries, numbers or the like that a filing names: what is longer is a mistake."""

Converter = Callable[[Any], Any]


class Part(BaseModel):
    """A piece of a record. Strict: texts are texts and numbers numbers."""

    # Errors never show the input: importer numbers of persons are among it. Validators are built when first
    # used: a port that publishes two kinds of events does not pay for fifty at its start.
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", hide_input_in_errors=True, defer_build=True)

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Show the fields, but a person's number as stars: what is shown ends in logs."""
        for name, value in super().__repr_args__():
            yield name, _masked(value)

    def to_fields(self) -> dict[str, Any]:
        """Return the fields as the codec takes them: plain values, dates as `date`, times as `datetime`."""
        return self.model_dump()

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Return the model of decoded fields.

        Their shape is the codec's promise, their rules were judged when they were published: neither is checked
        again, so that what the processor let pass can be read. Use `model_validate` for what comes from elsewhere.
        Raises `ValueError` for a date beyond the calendar.
        """
        values = {
            name: fields[name] if convert is None else convert(fields[name]) for name, convert in _converters(cls)
        }
        return cast("Self", cls.model_construct(**values))


class Record(Part):
    """A whole record: `RECORD` is its name on the wire."""

    RECORD: ClassVar[str] = ""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: object) -> None:
        """Name the record after its class."""
        super().__pydantic_init_subclass__(**kwargs)
        cls.RECORD = _HUMP.sub("_", cls.__name__).lower()


class Event(Record):
    """Something that happened: with the envelope that every event carries."""

    event_id: EventId
    event_time: HappenedAt
    source: Source


def _masked(value: object) -> object:
    if isinstance(value, str):
        return MASK if PERSON.fullmatch(value) else value
    return tuple(map(_masked, value)) if isinstance(value, tuple) else value


@cache
def _converters(model: type[Any]) -> tuple[tuple[str, Converter | None], ...]:
    """Return how each field's decoded value becomes the model's; None where it is the same."""
    return tuple((name, _converter(field.annotation)) for name, field in model.model_fields.items())


def _converter(annotation: Any) -> Converter | None:  # noqa: ANN401 - a type, an alias, a union
    origin = get_origin(annotation)
    if origin is Annotated:
        return _converter(get_args(annotation)[0])
    if origin in {Union, UnionType}:
        found = [_converter(one) for one in get_args(annotation) if one is not NoneType]
        convert = found[0]
        return None if convert is None else lambda value: None if value is None else convert(value)
    if origin is tuple:
        each = _converter(get_args(annotation)[0])
        return tuple if each is None else lambda values: tuple([each(value) for value in values])
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return annotation.from_fields
    return {date: as_date, datetime: as_instant}.get(annotation)
