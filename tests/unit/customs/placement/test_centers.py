"""The ten Centers and how they are found."""

import pytest

from streams.customs.centers import (
    NOT_ELIGIBLE,
    PENDING,
    center_by_ace_code,
    center_by_id,
    center_by_slug,
    center_by_team,
    centers,
)


def test_there_are_ten_centers_in_the_order_of_their_numbers() -> None:
    """Numbers, slugs and codes are all different."""
    assert [center.id for center in centers()] == list(range(1, 11))
    assert len({center.slug for center in centers()}) == 10
    assert len({center.ace_code for center in centers()}) == 10


def test_a_center_knows_its_office_and_industries() -> None:
    """Electronics sits in Los Angeles."""
    electronics = center_by_id(7)

    assert electronics.name == "Electronics"
    assert electronics.field_office == "Los Angeles"
    assert electronics.industries[0] == "Integrated circuits"


@pytest.mark.parametrize("center", centers(), ids=lambda center: center.slug)
def test_a_center_is_found_by_number_slug_and_ace_code(center: object) -> None:
    """All three lead to the same value."""
    found = next(known for known in centers() if known == center)

    assert center_by_id(found.id) == center_by_slug(found.slug) == center_by_ace_code(found.ace_code) == center


def test_ace_codes_stand_for_the_two_states_without_a_center_as_well() -> None:
    """Pending and not eligible are states, not Centers."""
    assert center_by_ace_code("PNDING") is PENDING
    assert center_by_ace_code("NOTELG") is NOT_ELIGIBLE


@pytest.mark.parametrize("code", ["CEE000", "CEE011", "", "cee001"])
def test_an_unknown_ace_code_is_an_error(code: str) -> None:
    """It is never taken for one of the states."""
    with pytest.raises(KeyError):
        center_by_ace_code(code)


@pytest.mark.parametrize("number", [0, 11])
def test_there_is_no_center_outside_one_to_ten(number: int) -> None:
    """Both sides of the range."""
    with pytest.raises(KeyError):
        center_by_id(number)


def test_an_unknown_slug_is_an_error() -> None:
    """Slugs are exact."""
    with pytest.raises(KeyError):
        center_by_slug("electronic")


@pytest.mark.parametrize(
    ("team", "center"), [("694", 4), ("001", 1), ("119", 9), ("110", 10), ("11A", None), ("11", None), ("", None)]
)
def test_the_third_character_of_a_team_shows_the_center(team: str, center: int | None) -> None:
    """0 stands for Machinery; what is no team number shows nothing."""
    found = center_by_team(team)

    assert (found.id if found else None) == center
