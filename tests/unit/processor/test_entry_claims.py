"""A summary names another importer than the one before: which account has the entry, however it is told."""

from itertools import permutations
from random import Random
from typing import Any

import pytest

from streams.contract.keys import partition_for
from streams.processor.tables import CASES, ENTRIES, HOLDERS
from tests.unit.processor.kit import COMPUTER, SHIRT, at, filed
from tests.unit.processor.test_account_moves import NUMBERS, PARTITIONS, Turns, one_center_each, paid, take

FORMER = "98-765432100"
LATER = "12-345678900"
A, B = FORMER[:10], LATER[:10]
ENTRY = NUMBERS[0]


def accept(cluster: Turns, importer: str, code: str = COMPUTER, **others: Any) -> str:
    return cluster.publish("entry_summary_accepted", filed(code, number=ENTRY, importer=importer, **others))


def replace(cluster: Turns, importer: str, version: str, when: str, code: str = SHIRT) -> str:
    fields = filed(code, number=ENTRY, importer=importer, version=version, when=when)
    return cluster.publish("entry_summary_replaced", fields)


def essence(cluster: Turns) -> dict[str, Any]:
    """Return who has the entry, in which version, with which cases, and what counts where."""
    found: dict[str, Any] = {}
    for account in (A, B):
        state = cluster.states[partition_for(account.encode(), PARTITIONS)]
        ledger, entry = cluster.ledger(account), state.get(ENTRIES, f"{account}/{ENTRY}".encode())
        found[account] = (
            (entry.version, entry.importer, entry.paid_day, entry.open_cases) if entry and entry.version else None,
            (len(cluster.in_account(CASES, account)), len(cluster.in_account(ENTRIES, account))),
            ledger.mix.centers if ledger else (),
        )
    holder = cluster.states[partition_for(ENTRY.encode(), PARTITIONS)].get(HOLDERS, ENTRY.encode())
    assert holder is not None
    return found | {"holder": holder.account}


FIRST = ("accepted", FORMER, "00100", "2026-03-02T14:00:00")
SECOND = ("replaced", LATER, "00101", "2026-03-02T14:10:00")
THIRD = ("replaced", FORMER, "00102", "2026-03-02T14:20:00")


def tell(cluster: Turns, word: tuple[str, str, str, str]) -> str:
    kind, importer, version, when = word
    if kind == "accepted":
        return accept(cluster, importer, version=version, when=when)
    return replace(cluster, importer, version, when)


def owner_actions(cluster: Turns) -> list[tuple[str, str]]:
    items = [sent for sent in cluster.sent if sent.name == "work_item" and sent.fields["role"] == "owner"]
    return [(sent.topic, sent.fields["action"]) for sent in items]


@pytest.mark.parametrize("seed", range(6))
def test_a_replacement_under_another_importer_takes_entry_and_cases_over(seed: int) -> None:
    """What the former importer counted is taken back; the case keeps its name and changes its desk once."""
    cluster = Turns(seed)
    tell(cluster, FIRST)
    cluster.some()
    tell(cluster, SECOND)
    cluster.some()

    assert essence(cluster)[A] == (None, (0, 0), ())
    (version, importer, _, _), cases, [count] = essence(cluster)[B]
    assert (version, importer, cases) == ("00101", LATER, (1, 1))
    assert (count.lines, count.summaries) == (1, 1)
    assert essence(cluster)["holder"] == B
    assert one_center_each(cluster)
    assert len({sent.fields["case_id"] for sent in cluster.sent if sent.name == "work_item"}) == 1
    assert cluster.on("event-refusal") == []


@pytest.mark.parametrize("words", list(permutations((FIRST, SECOND, THIRD))))
def test_whatever_the_order_of_versions_and_partitions_the_latest_one_has_the_entry(words: Any) -> None:
    """And back again to the first importer; told once more, nothing changes."""
    ends = []
    for seed in range(6):
        cluster = Turns(seed)
        for word in words:
            tell(cluster, word)
            cluster.some(cluster.random.randrange(5))
        cluster.some()
        once = essence(cluster)
        sent = len(owner_actions(cluster))
        for word in words:
            tell(cluster, word)
            cluster.some()
        assert (essence(cluster), len(owner_actions(cluster))) == (once, sent)
        assert one_center_each(cluster)
        ends.append(once)

    assert all(end == ends[0] for end in ends)
    assert ends[0]["holder"] == A
    assert ends[0][A][0][:2] == ("00102", FORMER)
    assert ends[0][B] == (None, (0, 0), ())


@pytest.mark.parametrize("seed", range(4))
def test_events_that_still_name_the_former_importer_reach_the_entry(seed: int) -> None:
    """Payments come from other systems than summaries."""
    cluster = Turns(seed)
    tell(cluster, FIRST)
    cluster.some()
    tell(cluster, SECOND)
    paid(cluster, ENTRY, "2026-03-02", FORMER)
    cluster.some()

    assert essence(cluster)[B][0][2] == at("2026-03-02") // 86_400_000
    assert essence(cluster)[A][0] is None


@pytest.mark.parametrize("seed", range(4))
def test_an_entry_that_is_accepted_anew_under_another_importer_leaves_the_former_account(seed: int) -> None:
    """The former one's case is closed; what CBP said of the entry is known to the other."""
    cluster = Turns(seed)
    tell(cluster, FIRST)
    cluster.some()
    paid(cluster, ENTRY, "2026-03-02", FORMER)
    accept(cluster, LATER, SHIRT, version="00100", when="2026-03-02T14:30:00")
    cluster.some()

    assert essence(cluster)[A] == (None, (0, 0), ())
    assert essence(cluster)[B][0][:3] == ("00100", LATER, at("2026-03-02") // 86_400_000)
    assert essence(cluster)["holder"] == B
    assert ("center-work-electronics", "closed") in owner_actions(cluster)
    assert one_center_each(cluster)


@pytest.mark.parametrize("kinds", [("accepted", "accepted"), ("accepted", "replaced"), ("replaced", "replaced")])
@pytest.mark.parametrize("importers", [(FORMER, LATER), (LATER, FORMER)])
@pytest.mark.parametrize("seed", range(4))
def test_one_event_told_under_two_importers_comes_to_rest_with_one_of_them(
    seed: int, importers: tuple[str, str], kinds: tuple[str, str]
) -> None:
    """Neither version is the later one: the same number has the entry, whoever was told first, and nobody goes on."""
    cluster = Turns(seed)
    for kind, importer in zip(kinds, importers, strict=True):
        tell(cluster, (kind, importer, *FIRST[2:]))
        cluster.some(cluster.random.randrange(4))
    cluster.some(500)

    assert not any(cluster.logs)
    assert essence(cluster)["holder"] == A
    assert essence(cluster)[A][1] == (1, 1)
    assert essence(cluster)[B] == (None, (0, 0), ())
    assert one_center_each(cluster)


def test_a_case_that_a_center_has_taken_up_stays_there_while_the_entry_goes() -> None:
    """P14: its desk hears of the replacement, and decides on."""
    cluster = Turns(1)
    tell(cluster, FIRST)
    cluster.some()
    [opened] = cluster.on("center-work-electronics", "work_item")
    cluster.comes_to("2026-04-02")
    take(cluster, {"account_key": A, "case_id": opened["case_id"], "assignment": 1}, "electronics")
    tell(cluster, SECOND)
    cluster.some()

    assert [topic for topic, _ in owner_actions(cluster)] == ["center-work-electronics"] * 2
    assert owner_actions(cluster)[-1][1] == "updated"
    assert essence(cluster)[B][1] == (1, 1)


@pytest.mark.parametrize("seed", range(12))
def test_many_words_in_any_order_and_number_come_to_the_same(seed: int) -> None:
    """Three versions of two importers and a payment, each told one to three times, in a random order."""
    random = Random(seed)
    words = [FIRST, SECOND, THIRD] * random.randint(1, 3)
    random.shuffle(words)
    cluster = Turns(seed)
    for word in words:
        tell(cluster, word)
        if random.random() < 0.3:
            paid(cluster, ENTRY, "2026-03-02", random.choice((FORMER, LATER)))
        cluster.some(random.randrange(6))
    paid(cluster, ENTRY, "2026-03-02", FORMER)
    cluster.some()

    assert essence(cluster)["holder"] == A
    assert essence(cluster)[A][0][:3] == ("00102", FORMER, at("2026-03-02") // 86_400_000)
    assert essence(cluster)[B] == (None, (0, 0), ())
    assert one_center_each(cluster)
