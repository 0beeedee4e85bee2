"""The ten Centers and how they are found."""

import pytest

from streams.customs.centers import center_by_id, center_by_slug, centers


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


@pytest.mark.parametrize("number", range(1, 11))
def test_a_center_is_found_by_number_and_slug(number: int) -> None:
    """Both lead to the same value."""
    found = center_by_id(number)

    assert found.id == number
    assert center_by_slug(found.slug) is found


@pytest.mark.parametrize("number", [0, 11])
def test_there_is_no_center_outside_one_to_ten(number: int) -> None:
    """Both sides of the range."""
    with pytest.raises(KeyError):
        center_by_id(number)


def test_an_unknown_slug_is_an_error() -> None:
    """Slugs are exact."""
    with pytest.raises(KeyError):
        center_by_slug("electronic")
