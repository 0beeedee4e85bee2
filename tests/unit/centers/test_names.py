"""Centers are known by their slugs, and a wrong one is met with the nearest."""

import pytest

from streams.centers.errors import UnknownCenter
from streams.centers.names import center_slug


@pytest.mark.parametrize(("text", "slug"), [("electronics", "electronics"), (" Machinery ", "machinery")])
def test_a_slug_is_taken_in_any_case(text: str, slug: str) -> None:
    """Blanks around it do not matter."""
    assert center_slug(text) == slug


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("electroncis", "electronics"),
        ("apparel", "apparel-footwear-textiles"),
        ("pharma", "pharma-health-chemicals"),
        ("machinry", "machinery"),
        ("texties", "apparel-footwear-textiles"),
    ],
)
def test_an_unknown_center_suggests_the_nearest(text: str, nearest: str) -> None:
    """A typing error is one step from the right name."""
    with pytest.raises(UnknownCenter, match=f"did you mean {nearest}"):
        center_slug(text)


@pytest.mark.parametrize("text", ["", "zzz", "007"])
def test_what_is_near_to_nothing_lists_all(text: str) -> None:
    """Then the reader chooses."""
    with pytest.raises(UnknownCenter, match=r"the Centers are .*electronics"):
        center_slug(text)
