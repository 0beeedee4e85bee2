"""What is said of an importer when no worker can be asked: the placement that was published last."""

from typing import Any, Final

import pytest

from streams.contract.codec import Codec
from streams.engine.api import SourceRecord
from streams.ops.look_up import newest_placement
from tests.contract.examples import EXAMPLES

BASE: Final = "98-7654321"
NUMBER: Final = "98-765432100"
JOINED: Final = "12-3456789"
FIRM: Final = next(one.model for one in EXAMPLES if (one.record, one.name) == ("importer_placement", "firm"))


def published(account: str, numbers: list[str], offset: int = 0) -> SourceRecord:
    """Return a placement of an account as it stands on its topic."""
    fields = {**FIRM.to_fields(), "account_key": account, "importer_numbers": numbers}
    value = Codec().encode("importer_placement", fields)
    return SourceRecord("importer-placement", 0, offset, 0, account.encode(), value, ())


def found(importer: str, *records: SourceRecord) -> Any:
    placement = newest_placement(records, importer, Codec())
    return placement and placement["account_key"]


@pytest.mark.parametrize("asked", [BASE, NUMBER, f" {NUMBER.lower()} "])
def test_an_importer_is_found_in_the_account_of_its_base(asked: str) -> None:
    assert found(asked, published(BASE, [NUMBER]), published(JOINED, ["12-345678900"])) == BASE


def test_a_whole_number_is_found_in_the_account_that_it_has_joined() -> None:
    assert found(NUMBER, published(BASE, []), published(JOINED, [NUMBER])) == JOINED


def test_a_number_that_came_back_is_found_at_home_again() -> None:
    assert found(NUMBER, published(BASE, []), published(JOINED, [NUMBER]), published(BASE, [NUMBER])) == BASE
    gone = published(JOINED, [], 2)
    assert found(NUMBER, published(BASE, []), published(JOINED, [NUMBER]), gone) == BASE


def test_an_account_is_its_own_whatever_numbers_have_left_it() -> None:
    assert found(BASE, published(BASE, []), published(JOINED, [NUMBER])) == BASE


def test_where_each_number_is_an_account_the_number_is_found_without_a_base() -> None:
    assert found(NUMBER, published(NUMBER, [NUMBER])) == NUMBER


def test_nothing_is_said_of_an_importer_that_was_never_placed() -> None:
    assert found(NUMBER, published(JOINED, ["12-345678900"])) is None
