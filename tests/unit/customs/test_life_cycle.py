"""The life cycle as a table, and the state as it follows from the registers."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.customs.entry_summary import NEW, Entry, broken_rule, noted, state_of
from streams.customs.life_cycle import FILINGS, TRANSITIONS, Kind, State
from streams.customs.rules import (
    AFTER_LIQUIDATION,
    DELETE_TRADE_CONTROL,
    FINAL_STATE,
    ONLY_AFTER_REJECTION,
    ONLY_CORRECTIONS,
    SUMMARY_ENDED,
    Rule,
)

T = 1_700_000_000_000


def happens(entry: Entry, kind: Kind, at_ms: int) -> Entry:
    """Apply an event without asking whether it is in order."""
    if kind not in FILINGS:
        return noted(entry, kind, at_ms, 20_000)
    corrected = kind is Kind.CORRECTED
    return entry._replace(version="00100", accepted_ms=at_ms, corrected=corrected)


def life(*kinds: Kind) -> Entry:
    """Apply events one second apart."""
    entry = NEW
    for number, kind in enumerate(kinds):
        entry = happens(entry, kind, T + 1000 * number)
    return entry


IN_STATE = {
    State.EXPECTED: (),
    State.TRADE_CONTROL: (Kind.ACCEPTED,),
    State.CBP_CONTROL: (Kind.ACCEPTED, Kind.CONTROL_CBP),
    State.REJECTED: (Kind.ACCEPTED, Kind.CONTROL_CBP, Kind.REJECTED),
    State.INACTIVE: (Kind.ACCEPTED, Kind.INACTIVATED),
    State.CANCELLED: (Kind.ACCEPTED, Kind.CANCELLED),
    State.DELETED: (Kind.ACCEPTED, Kind.DELETED),
    State.CORRECTED: (Kind.ACCEPTED, Kind.CONTROL_CBP, Kind.PAID, Kind.CORRECTED),
    State.LIQUIDATED: (Kind.ACCEPTED, Kind.LIQUIDATED),
    State.RELIQUIDATED: (Kind.ACCEPTED, Kind.LIQUIDATED, Kind.RELIQUIDATED),
}


@pytest.mark.parametrize("state", State)
def test_every_state_can_be_reached(state: State) -> None:
    """By the shortest life that leads to it."""
    assert state_of(life(*IN_STATE[state])) is state


@pytest.mark.parametrize(("state", "kind"), TRANSITIONS, ids=lambda part: part.value)
def test_an_event_in_order_leads_where_the_table_says(state: State, kind: Kind) -> None:
    """The state read from the registers is the one of the table."""
    entry = life(*IN_STATE[state])

    after = happens(entry, kind, T + 1_000_000)

    assert broken_rule(entry, state, kind, T + 1_000_000) is None
    assert state_of(after) is TRANSITIONS[state, kind]


@pytest.mark.parametrize(
    ("state", "kind", "rule"),
    [
        (State.CBP_CONTROL, Kind.ACCEPTED, ONLY_AFTER_REJECTION),
        (State.CBP_CONTROL, Kind.DELETED, DELETE_TRADE_CONTROL),
        (State.CORRECTED, Kind.REPLACED, ONLY_CORRECTIONS),
        (State.CORRECTED, Kind.ACCEPTED, ONLY_CORRECTIONS),
        (State.CORRECTED, Kind.DELETED, DELETE_TRADE_CONTROL),
        (State.INACTIVE, Kind.REPLACED, SUMMARY_ENDED),
        (State.CANCELLED, Kind.ACCEPTED, SUMMARY_ENDED),
        (State.REJECTED, Kind.DELETED, DELETE_TRADE_CONTROL),
        (State.LIQUIDATED, Kind.REPLACED, AFTER_LIQUIDATION),
        (State.LIQUIDATED, Kind.CORRECTED, AFTER_LIQUIDATION),
        (State.RELIQUIDATED, Kind.ACCEPTED, AFTER_LIQUIDATION),
        (State.LIQUIDATED, Kind.CANCELLED, FINAL_STATE),
        (State.LIQUIDATED, Kind.REJECTED, FINAL_STATE),
        (State.LIQUIDATED, Kind.DELETED, DELETE_TRADE_CONTROL),
    ],
)
def test_an_event_that_cannot_happen_in_a_state_breaks_a_rule_by_name(state: State, kind: Kind, rule: Rule) -> None:
    """Unless it happened before that state began and is only late."""
    entry = life(*IN_STATE[state])

    assert broken_rule(entry, state, kind, T + 1_000_000) is rule
    assert broken_rule(entry, state, kind, T - 1) is None


def test_every_pair_of_state_and_event_is_either_in_the_table_or_breaks_a_rule() -> None:
    """There is no third answer."""
    for state, kind in itertools.product(State, Kind):
        entry = life(*IN_STATE[state])
        rule = broken_rule(entry, state, kind, T + 1_000_000)

        assert ((state, kind) in TRANSITIONS) is (rule is None)


def test_a_failed_replacement_deletes_the_summary_under_trade_control_only() -> None:
    """Under CBP control it leaves the summary as it is."""
    assert state_of(life(Kind.ACCEPTED, Kind.REPLACE_FAILED)) is State.DELETED
    assert state_of(life(Kind.ACCEPTED, Kind.CONTROL_CBP, Kind.REPLACE_FAILED)) is State.CBP_CONTROL


def test_a_failed_replacement_deletes_nothing_when_it_turns_out_that_cbp_had_control() -> None:
    """CBP's control is heard of after the failure, but began before it."""
    entry = happens(NEW, Kind.ACCEPTED, T)
    entry = happens(entry, Kind.REPLACE_FAILED, T + 2000)

    entry = happens(entry, Kind.CONTROL_CBP, T + 1000)

    assert state_of(entry) is State.CBP_CONTROL


@pytest.mark.parametrize(
    ("later", "state"),
    [
        ((Kind.CONTROL_TRADE,), State.TRADE_CONTROL),
        ((Kind.CONTROL_CBP,), State.CBP_CONTROL),
        ((Kind.CONTROL_TRADE, Kind.CONTROL_CBP), State.CBP_CONTROL),
        ((Kind.CONTROL_TRADE, Kind.CONTROL_CBP, Kind.CONTROL_TRADE), State.TRADE_CONTROL),
        ((Kind.CONTROL_TRADE, Kind.REPLACE_FAILED), State.DELETED),
        ((Kind.CONTROL_TRADE, Kind.DELETED, Kind.CONTROL_CBP), State.DELETED),
        ((Kind.REJECTED, Kind.REPLACED, Kind.CONTROL_TRADE, Kind.DELETED), State.DELETED),
    ],
)
def test_a_replacement_that_failed_under_cbp_control_deletes_nothing_later_either(
    later: tuple[Kind, ...], state: State
) -> None:
    """Whoever gets control afterwards: the failed attempt has left the summary as it was."""
    entry = life(Kind.ACCEPTED, Kind.CONTROL_CBP, Kind.REPLACE_FAILED, *later)

    assert state_of(entry) is state


@pytest.mark.parametrize("kind", [Kind.CANCELLED, Kind.INACTIVATED, Kind.REJECTED])
@pytest.mark.parametrize("final", [Kind.LIQUIDATED, Kind.RELIQUIDATED])
def test_a_liquidation_heard_of_late_stands_against_what_cannot_follow_it(kind: Kind, final: Kind) -> None:
    """In their order the later event would have been refused, for liquidation is final; before it, it is taken."""
    accepted = happens(NEW, Kind.ACCEPTED, T)
    ended = happens(accepted, kind, T + 2000)

    before = happens(ended, final, T + 1000)
    after = happens(ended, final, T + 3000)

    assert state_of(before) is TRANSITIONS[State.TRADE_CONTROL, final]
    assert state_of(after) is state_of(ended)


def test_a_rejected_summary_that_ended_was_not_liquidated_in_between() -> None:
    """What came first is possible, and makes the second impossible."""
    entry = life(Kind.ACCEPTED, Kind.REJECTED, Kind.LIQUIDATED, Kind.CANCELLED)

    assert state_of(entry) is State.CANCELLED


def test_a_replacement_after_a_rejection_is_under_trade_control_again() -> None:
    """And may be deleted there."""
    entry = life(Kind.ACCEPTED, Kind.CONTROL_CBP, Kind.REJECTED, Kind.REPLACED)

    assert state_of(entry) is State.TRADE_CONTROL
    assert state_of(happens(entry, Kind.DELETED, T + 9000)) is State.DELETED


LIVES = st.sampled_from(
    [
        (Kind.ACCEPTED, Kind.REPLACED, Kind.CONTROL_CBP, Kind.PAID, Kind.SCHEDULED, Kind.LIQUIDATED, Kind.RELIQUIDATED),
        (Kind.ACCEPTED, Kind.CONTROL_CBP, Kind.REJECTED, Kind.REPLACED, Kind.CONTROL_CBP, Kind.PAID, Kind.LIQUIDATED),
        (Kind.ACCEPTED, Kind.DELETED, Kind.ACCEPTED, Kind.PAID, Kind.CONTROL_CBP, Kind.CANCELLED),
        (
            Kind.ACCEPTED,
            Kind.REPLACE_FAILED,
            Kind.ACCEPTED,
            Kind.CONTROL_CBP,
            Kind.PAID,
            Kind.SCHEDULED,
            Kind.CORRECTED,
        ),
        (Kind.ACCEPTED, Kind.CONTROL_CBP, Kind.REPLACE_FAILED, Kind.REJECTED, Kind.INACTIVATED, Kind.CANCELLED),
        (Kind.ACCEPTED, Kind.CONTROL_CBP, Kind.REPLACE_FAILED, Kind.CONTROL_TRADE, Kind.PAID, Kind.LIQUIDATED),
        (Kind.ACCEPTED, Kind.CONTROL_CBP, Kind.CONTROL_TRADE, Kind.DELETED, Kind.ACCEPTED),
        (Kind.ACCEPTED, Kind.DATE_SET, Kind.DATE_SET, Kind.SCHEDULED, Kind.SCHEDULED, Kind.CORRECTED, Kind.CORRECTED),
    ]
)


@given(LIVES.flatmap(lambda kinds: st.permutations([*enumerate(kinds), *enumerate(kinds)])))
def test_a_life_ends_in_one_state_whatever_the_order_of_arrival(arrivals: list[tuple[int, Kind]]) -> None:
    """Each event arrives twice; only the newest version is taken, as the account does."""
    in_order = NEW
    for number, kind in sorted(set(arrivals)):
        in_order = happens(in_order, kind, T + 1000 * number)

    entry = NEW
    for number, kind in arrivals:
        if kind not in FILINGS or T + 1000 * number > entry.accepted_ms:
            entry = happens(entry, kind, T + 1000 * number)

    assert entry == in_order
