"""Report what is wrong between fields together with what is wrong in them.

By itself pydantic looks at a whole only after all its parts are right, so that a sender would have to publish
twice to learn of both.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from pydantic import ModelWrapValidatorHandler, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from streams.contract.models.faults import Path

M = TypeVar("M")

Broken = tuple[Path, str]
"""Where, and what is wrong, as a clause of a sentence."""

Check = Callable[[Mapping[str, Any]], Iterable[Broken]]


def validated_together(title: str, data: Any, handler: ModelWrapValidatorHandler[M], check: Check) -> M:  # noqa: ANN401 - any input
    """Return the model of some input, after a check of the whole. Raises `ValidationError` with all faults of both."""
    broken = list(check(data)) if isinstance(data, dict) else []
    try:
        model = handler(data)
    except ValidationError as error:
        if not broken:
            raise
        details = [_again(detail) for detail in error.errors(include_url=False)]
        raise _merged(title, [*details, *map(_detail, broken)]) from None
    if broken:
        raise _merged(title, [*map(_detail, broken)])
    return model


def _merged(title: str, details: list[InitErrorDetails]) -> ValidationError:
    return ValidationError.from_exception_data(title, details, hide_input=True)


def _detail(broken: Broken) -> InitErrorDetails:
    path, wrong = broken
    # The sentence goes in as context: braces in it would else be taken for places to fill.
    return InitErrorDetails(type=PydanticCustomError("together", "{wrong}", {"wrong": wrong}), loc=path, input=None)


def _again(detail: Any) -> InitErrorDetails:  # noqa: ANN401 - pydantic's ErrorDetails
    """Return a detail of a caught error in the form in which one is raised."""
    kind = PydanticCustomError(detail["type"], "{text}", {**detail.get("ctx", {}), "text": detail["msg"]})
    return InitErrorDetails(type=kind, loc=detail["loc"], input=None)
