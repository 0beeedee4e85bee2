"""Who may see the pages, and what the pages weigh."""

import re

import pytest

from streams.ops.guard import Guard
from streams.ops.static import static_files


@pytest.mark.parametrize(
    "host", ["127.0.0.1:6066", "localhost:6066", "[::1]:6066", "LOCALHOST:1", "127.0.0.1", "[::1]"]
)
def test_without_a_token_this_machine_by_its_own_name_is_let_in(host: str) -> None:
    assert Guard("").refusal({"Host": host}) == ""


@pytest.mark.parametrize("host", ["evil.example:6066", "127.0.0.1.evil.example", "10.0.0.4:6066", ""])
def test_without_a_token_another_name_is_not(host: str) -> None:
    assert Guard("").refusal({"Host": host})


def test_with_a_token_only_the_token_counts() -> None:
    guard = Guard("sésame")

    assert guard.refusal({"Host": "10.0.0.4", "Authorization": "Bearer sésame"}) == ""
    assert guard.refusal({"Host": "127.0.0.1", "Authorization": "Bearer sesame"})
    assert guard.refusal({"Host": "127.0.0.1"})


def test_the_page_is_light_and_fetches_nothing_from_elsewhere() -> None:
    files = static_files()

    assert sum(len(file.body) for file in files.values()) < 120_000
    for name, file in files.items():
        addresses = set(re.findall(r"https?://[^\s\"'`)]+", file.body.decode())) - {"http://www.w3.org/2000/svg"}
        assert not addresses, f"{name} names {addresses}"
        assert "style=" not in file.body.decode() or name.endswith(".js"), f"{name} has a style that the policy forbids"
