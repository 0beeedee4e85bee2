"""The contract's own check of a summary: its model, or its complaints as paths and sentences."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import ValidationError

from streams.contract.models import EntrySummary, faults_of
from streams.contract.models.faults import Fault

# What only CBP's answer tells; filled in when it is known.
UNANSWERED: Final[Mapping[str, Any]] = {"version": "00100", "accepted_at": datetime(1990, 1, 1, tzinfo=UTC)}


def summary_model(fields: Mapping[str, Any]) -> tuple[EntrySummary | None, Sequence[Fault]]:
    """Make the contract's summary of the fields that a batch tells; without it, all that is wrong with them."""
    try:
        return EntrySummary.model_validate({**fields, **UNANSWERED}), ()
    except ValidationError as error:
        return None, faults_of(error)
