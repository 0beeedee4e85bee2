"""What time brings about in a partition: once, also after a week without a worker; and what late events take back."""

from datetime import UTC, datetime

import pytest

from streams.processor.clock import TimeSource
from tests.unit.processor.happenings import (
    accepted,
    actions,
    answered,
    items,
    liquidated,
    noted,
    notice,
    pass_to,
    status,
    tell,
)
from tests.unit.processor.kit import SHIRT, Cluster, day, filed


def extended(cluster: Cluster, when: str, until: str) -> str:
    return noted(
        cluster, "liquidation_extended", when, code="49", extended_on=day(when), extended_until=day(until), reason=None
    )


def suspended(cluster: Cluster, when: str) -> str:
    return noted(cluster, "liquidation_suspended", when, code="46", suspended_on=day(when), reason=None)


def test_deemed_liquidation_is_warned_of_presumed_and_final(caplog: pytest.LogCaptureFixture) -> None:
    """The year ends on 2 March 2027; the result is presumed the day after, final three days later."""
    cluster = Cluster()
    accepted(cluster)

    seen = []
    for when in ("2027-01-30", "2027-01-31", "2027-03-02", "2027-03-03", "2027-03-05", "2027-03-06", "2028-03-06"):
        pass_to(cluster, when)
        seen.append(actions(cluster, "deemed_liquidation_watch"))

    warned = ["opened", "due_soon"]
    presumed = [*warned, "legal_result_presumed"]
    final = [*presumed, "legal_result"]
    assert seen == [[], warned, warned, presumed, presumed, final, final]
    assert not caplog.records


def test_a_week_without_a_worker_brings_each_result_about_once_and_in_order() -> None:
    """The warning is too late and left out; the final result still waits its three days."""
    cluster = Cluster()
    accepted(cluster)
    cluster.now = datetime(2027, 3, 10, 17, tzinfo=UTC)

    for _ in range(3):
        cluster.pass_time(seconds=5)
    presumed = actions(cluster, "deemed_liquidation_watch")
    cluster.pass_time(days=7)
    cluster.pass_time(seconds=5)

    assert presumed == ["opened", "legal_result_presumed"]
    assert actions(cluster, "deemed_liquidation_watch") == [*presumed, "legal_result"]


@pytest.mark.parametrize("final", [False, True])
def test_a_late_extension_withdraws_the_legal_result_and_moves_the_clock(*, final: bool) -> None:
    """Presumed or final: what came late was before it."""
    cluster = Cluster()
    accepted(cluster)
    pass_to(cluster, "2027-03-08" if final else "2027-03-04")

    extended(cluster, "2027-02-01", "2028-03-02")

    assert actions(cluster, "deemed_liquidation_watch")[-2:] == ["legal_result_withdrawn", "closed"]
    [opened] = items(cluster, "liquidation_extension")
    assert {clock["name"] for clock in opened["clocks"]} == {"extension_end", "extension_limit"}
    pass_to(cluster, "2029-01-01")
    assert actions(cluster, "deemed_liquidation_watch").count("legal_result_withdrawn") == 1
    assert actions(cluster, "liquidation_extension") == ["opened", "due_soon", "overdue"]


def test_a_late_suspension_withdraws_the_result_and_its_removal_starts_six_months() -> None:
    """Nothing runs while it lasts (19 USC 1504(c), (d))."""
    cluster = Cluster()
    accepted(cluster)
    pass_to(cluster, "2027-03-04")
    suspended(cluster, "2027-01-15")
    pass_to(cluster, "2029-01-01")
    quiet = actions(cluster, "liquidation_suspension")

    noted(cluster, "liquidation_suspension_removed", "2029-01-05", code="46", removed_on=day("2029-01-05"), reason=None)
    pass_to(cluster, "2030-01-01")

    assert actions(cluster, "deemed_liquidation_watch")[-2:] == ["legal_result_withdrawn", "closed"]
    assert quiet == ["opened"]
    assert actions(cluster, "liquidation_suspension") == [
        "opened", "updated", "due_soon", "legal_result_presumed", "legal_result",
    ]  # fmt: skip
    assert items(cluster, "liquidation_suspension")[-1]["clocks"][0]["warn_by"] == day("2029-07-05")


def test_a_liquidation_that_came_late_withdraws_the_result_and_one_that_confirms_it_does_not() -> None:
    """CBP liquidated in time, and the word was late; or it posts what the law has brought about."""
    for on, told in (("2027-02-26", ["legal_result_withdrawn", "closed"]), ("2027-03-05", ["closed"])):
        cluster = Cluster()
        accepted(cluster)
        pass_to(cluster, "2027-03-08")
        before = len(actions(cluster, "deemed_liquidation_watch"))

        liquidated(cluster, on)

        assert actions(cluster, "deemed_liquidation_watch")[before:] == told


def test_a_corrected_entry_date_moves_the_clock() -> None:
    """Before the old day nothing is due any more, on the new one it is."""
    cluster = Cluster()
    accepted(cluster)
    noted(cluster, "entry_date_set", "2026-06-01", entry_date=day("2026-05-01"), basis="correction")

    pass_to(cluster, "2027-04-30")
    warned = actions(cluster, "deemed_liquidation_watch")
    pass_to(cluster, "2027-05-10")

    assert warned == ["opened", "due_soon"]
    assert actions(cluster, "deemed_liquidation_watch")[2:] == ["legal_result_presumed", "legal_result"]
    assert items(cluster, "deemed_liquidation_watch")[0]["clocks"][0]["warn_by"] == day("2027-05-01")


def test_an_answer_in_time_stops_the_clock_of_its_notice() -> None:
    """A second answer to the same finds the case still open, one to an unknown notice is refused."""
    cluster = Cluster()
    accepted(cluster)
    notice(cluster, "form_28", "2026-03-10")
    [asked] = items(cluster, "request_for_information")

    answered(cluster, "form_28", "2026-03-20", "N-form_28-" + asked["entries"][0]["entry_number"])
    answered(cluster, "form_28", "2026-03-21", "N-unknown")
    pass_to(cluster, "2026-12-01")

    assert actions(cluster, "request_for_information") == ["opened", "updated"]
    assert [one["rule"] for one in cluster.on("event-refusal")] == ["answer.known_notice"]


def test_documents_that_were_handed_in_are_not_overdue_and_may_be_asked_for_again() -> None:
    """Each notice starts its ten working days."""
    cluster = Cluster()
    accepted(cluster)
    status(cluster, "2", "2026-03-10")
    answered(cluster, "documents", "2026-03-12")
    pass_to(cluster, "2026-05-01")
    answered_in_time = actions(cluster, "documents_required")
    status(cluster, "3", "2026-05-04")
    pass_to(cluster, "2026-06-15")

    assert answered_in_time == ["opened", "updated"]
    assert actions(cluster, "documents_required")[2:] == ["updated", "due_soon", "overdue"]


def test_where_events_tell_the_time_a_clock_fires_before_the_event_that_begins_the_day() -> None:
    """A historic load brings the same about as a worker that ran all the time."""
    cluster = Cluster(time_source=TimeSource.EVENT)
    accepted(cluster)
    another = "B7600000010"
    for when in ("2027-02-01", "2027-03-03", "2027-03-06"):
        tell(cluster, "entry_summary_accepted", filed(SHIRT, number=another, when=f"{when}T18:00:00"))

    assert actions(cluster, "deemed_liquidation_watch") == [
        "opened", "due_soon", "legal_result_presumed", "legal_result",
    ]  # fmt: skip


def test_a_summary_in_time_ends_the_watch_over_its_filing() -> None:
    """And a late one ends what is overdue."""
    cluster = Cluster()
    accepted(cluster)
    pass_to(cluster, "2027-12-31")

    assert actions(cluster, "entry_summary_filing_check") == []
