"""What reaches the topic although it should not: dead letters, refusals, and what is ignored by rule."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.contract.keys import partition_for
from streams.customs.entry_number import check_digit
from streams.engine.api import InvalidRecord
from streams.processor.record_outcomes import OUTCOMES
from tests.unit.processor.kit import (
    COMPUTER,
    ENTRY,
    IMPORTER,
    SHIRT,
    Cluster,
    about,
    at,
    codec,
    day,
    envelope,
    filed,
    line,
)

KEY = IMPORTER[:10].encode()
PARTITION = partition_for(KEY, 4)


def accepted(**others: Any) -> bytes:
    """Return an accepted summary as bytes; others go into the summary."""
    return codec().encode("entry_summary_accepted", filed(COMPUTER, **others))


def deliver(value: bytes | None, *, topic: str = "entry-summary-event", key: bytes | None = KEY) -> str:
    """Deliver bytes to the importer's partition of a fresh cluster."""
    return Cluster().deliver(topic, PARTITION, key, value)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (lambda: None, "empty"),
        (lambda: b"", "empty"),
        (lambda: b"not avro", "undecodable"),
        (lambda: b"\xc3\x01" + bytes(8) + b"body", "unknown-schema"),
        (lambda: b"\x00\x00\x00\x00\x2abody", "unknown-schema"),
        (lambda: accepted()[:-3], "undecodable"),
        (lambda: accepted() + b"x", "trailing-bytes"),
        (lambda: accepted(lines=[line(COMPUTER)] * 5000), "too-many-lines"),
        (lambda: accepted(lines=[line(COMPUTER)] * 999), "too-many-lines"),
        (lambda: accepted(entry_date=day("2099-01-01")), "impossible-date"),
        (lambda: accepted(import_date=day("2099-01-01")), "impossible-date"),
        (lambda: accepted(estimated_entry_date=day("1986-09-30")), "impossible-date"),
        (lambda: accepted(accepted_at=at("2099-01-01")), "impossible-date"),
        (lambda: accepted(version="100"), "impossible-content"),
        (lambda: accepted(version="00-00"), "impossible-content"),
        (lambda: accepted(lines=[line("8471x0")]), "impossible-content"),
        (lambda: accepted(lines=[line("7701000000")]), "impossible-content"),
        (lambda: accepted(lines=[line("٨٤٧١٣٠٠١٠٠")]), "impossible-content"),
        (lambda: accepted(lines=[line(COMPUTER, value_usd=-1)]), "impossible-content"),
        (lambda: accepted(lines=[line(COMPUTER, value_usd=1 << 62)]), "impossible-content"),
        (lambda: accepted(entry_type="1"), "impossible-content"),
        (lambda: accepted(port_of_entry="27041"), "impossible-content"),
        (lambda: accepted(entry_number="B76-0324527-8"), "impossible-content"),
        (lambda: accepted(importer_of_record="1234-56789"), "importer-number"),
        (lambda: accepted(importer_of_record="12-3456789"), "importer-number"),
        (lambda: accepted(importer_of_record="98-765432100"), "wrong-key"),
        (lambda: codec().encode("entry_summary_accepted", filed(COMPUTER) | {"event_id": "7"}), "impossible-content"),
        (
            lambda: codec().encode("entry_summary_control_changed", about("2026-03-02T14:00:00", control="port")),
            "impossible-content",
        ),
        (
            lambda: codec().encode(
                "port_notice",
                about("2026-03-02T14:00:00", kind="sample", port="2704", noticed_on=day("2026-03-02")),
            ),
            "impossible-content",
        ),
        (
            lambda: codec().encode("entry_summary_paid", about("2026-03-02T14:00:00", paid_on=day("2099-01-01"))),
            "impossible-date",
        ),
    ],
)
def test_what_can_never_be_processed_is_a_dead_letter_with_its_reason(
    value: Callable[[], bytes | None], reason: str
) -> None:
    """The reason is a word for metrics; the detail a sentence without personal data."""
    with pytest.raises(InvalidRecord) as fault:
        deliver(value())

    assert fault.value.reason == reason
    assert fault.value.detail
    assert IMPORTER not in fault.value.detail


def test_998_lines_are_a_summary() -> None:
    """The bound itself is in order."""
    assert deliver(accepted(lines=[line(COMPUTER)] * 998)) == "routed"


@pytest.mark.parametrize(("key"), [None, b"", b"12-345678900", b"98-7654321"])
def test_a_key_that_is_not_the_importers_is_a_dead_letter(key: bytes | None) -> None:
    """The order of an importer's events rests on its key."""
    with pytest.raises(InvalidRecord) as fault:
        deliver(accepted(), key=key)

    assert fault.value.reason == "wrong-key"


@pytest.mark.parametrize(
    ("topic", "name"),
    [
        ("entry-summary-event", "placement_set"),
        ("center-decision-electronics", "placement_set"),
        ("center-decision-electronics", "entry_summary_accepted"),
        ("entry-summary-event", "work_item"),
        ("entry-summary-event", "entry_account"),
    ],
)
def test_who_may_say_what_is_known_by_the_topic(topic: str, name: str) -> None:
    """Neither a port nor a Center can speak in the name of headquarters, or of the processor itself."""
    cluster = Cluster()
    cluster.publish("entry_summary_accepted", filed(COMPUTER))
    values: dict[str, Callable[[], bytes | None]] = {
        "entry_summary_accepted": accepted,
        "work_item": lambda: next(sent.value for sent in cluster.sent if sent.name == "work_item"),
        "entry_account": lambda: codec().encode(
            name, {"entry_number": ENTRY, "generation": 0, "account_key": "x", "importer_of_record": IMPORTER}
        ),
        "placement_set": lambda: codec().encode(
            name,
            envelope("2026-03-02T14:00:00")
            | {
                "importer_of_record": IMPORTER,
                "center": "machinery",
                "basis": "broker",
                "reason": "x",
                "effective_on": day("2026-03-02"),
            },
        ),
    }

    with pytest.raises(InvalidRecord) as fault:
        cluster.deliver(topic, PARTITION, KEY, values[name]())

    assert fault.value.reason == "wrong-topic"


def test_a_record_on_the_internal_topic_without_an_origin_is_a_dead_letter() -> None:
    """The processor always writes one."""
    with pytest.raises(InvalidRecord) as fault:
        deliver(accepted(), topic="rekeyed-event")

    assert fault.value.reason == "no-origin"


ORIGIN: tuple[tuple[str, Any], ...] = (
    ("origin-topic", b"entry-summary-event"),
    ("origin-partition", b"0"),
    ("origin-offset", b"7"),
    ("origin-timestamp-ms", b"1772463600000"),
)


@pytest.mark.parametrize(
    "wrong",
    [
        ("origin-topic", None),
        ("origin-topic", b"\xff"),
        ("origin-partition", b"first"),
        ("origin-offset", None),
        ("origin-offset", b"9" * 30),
        ("origin-timestamp-ms", b""),
        ("account", b"98-7654321"),
        ("account", b"\xff"),
    ],
)
def test_a_record_on_the_internal_topic_with_a_false_origin_is_a_dead_letter(wrong: tuple[str, Any]) -> None:
    """Taken for a bug, it would hold the account that its key names."""
    with pytest.raises(InvalidRecord) as fault:
        Cluster().deliver("rekeyed-event", PARTITION, KEY, accepted(), 0, tuple((dict(ORIGIN) | dict([wrong])).items()))

    assert fault.value.reason == "no-origin"


def test_headers_of_others_are_not_taken_for_our_own() -> None:
    """A client may use any names, also those by which a partition tells another one what it sends on."""
    cluster = Cluster()
    headers = (("account", b"98-7654321"), ("importer-number", b"98-765432100"), ("sent-back", b""), *ORIGIN)

    outcome = cluster.deliver("entry-summary-event", (PARTITION + 1) % 4, KEY, accepted(), 0, headers)

    assert (outcome, cluster.outcomes) == ("rekeyed", ["rekeyed", "routed"])
    caused = cluster.on("center-work-electronics", "work_item")[0]["caused_by"]
    assert (caused["partition"], caused["offset"]) == ((PARTITION + 1) % 4, 0)


@pytest.mark.parametrize("key", [KEY, b"\xff\xfe", b""])
@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("claim_filed", {"claim_number": "", "entry_numbers": [], "kind": "domestic_party", "htsus": None}),
        (
            "inquiry_received",
            {"inquiry_number": "", "entry_number": None, "htsus": None, "industry": None, "subject": "x", "text": None},
        ),
        ("entry_summary_deleted", {"entry_number": "", "deleted_at": 0, "filer_code": "B76", "port_of_entry": "2704"}),
    ],
)
def test_what_names_nobody_and_has_no_number_is_a_dead_letter_whatever_its_key(
    name: str, fields: dict[str, Any], key: bytes
) -> None:
    """By its key alone it would have become an event of any account."""
    days = {"filed_on": 20_500, "import_date": None, "received_on": 20_500, "port": None}
    value = codec().encode(name, envelope("2026-03-02T14:00:00") | {"importer_of_record": None} | days | fields)

    with pytest.raises(InvalidRecord) as fault:
        deliver(value, key=key)

    assert fault.value.reason == "impossible-content"


@pytest.mark.parametrize("field", ["event_id", "source"])
def test_an_event_with_an_endless_id_or_source_is_a_dead_letter(field: str) -> None:
    """Both are repeated in all that follows, which must fit into topics that take less than a summary."""
    paid = about("2026-03-02T14:00:00", paid_on=day("2026-03-02"), amount_cents=None, statement_number=None)

    with pytest.raises(InvalidRecord) as fault:
        deliver(codec().encode("entry_summary_paid", paid | {field: "x" * 1_000_000}))

    assert fault.value.reason == "impossible-content"


def test_an_invalid_record_changes_nothing() -> None:
    """Neither state nor outputs."""
    cluster = Cluster()
    with pytest.raises(InvalidRecord):
        cluster.deliver("entry-summary-event", PARTITION, KEY, accepted(entry_date=day("2099-01-01")))

    assert cluster.stored() == [{}, {}, {}, {}]
    assert cluster.sent == []


def refusal_of(cluster: Cluster) -> dict[str, Any]:
    """Return the only refusal that was published."""
    [refusal] = cluster.on("event-refusal")
    return refusal


def test_a_false_check_digit_is_refused_and_the_port_is_told_what_to_do() -> None:
    """With the rule, its sentence and its source."""
    cluster = Cluster()

    outcome = cluster.publish("entry_summary_accepted", filed(COMPUTER, number=ENTRY[:-1] + "1"))

    refusal = refusal_of(cluster)
    assert outcome == "refused"
    assert (refusal["rule"], refusal["port"], refusal["entry_number"], refusal["ignored"]) == (
        "entry_number.check_digit",
        "2704",
        ENTRY[:-1] + "1",
        False,
    )
    assert refusal["remedy"]
    assert refusal["sentence"]
    assert refusal["rule_source"]


@pytest.mark.parametrize("name", ["entry_summary_accepted", "entry_summary_replaced", "psc_accepted"])
@pytest.mark.parametrize("place", range(4))
def test_a_false_check_digit_is_refused_whatever_is_filed_and_wherever_its_number_belongs(
    name: str, place: int
) -> None:
    """Also a replacement, which asks the partition of its number first who has the entry: nothing is kept of it."""
    number = number_in(place, off_by=1)
    cluster = Cluster()

    outcome = cluster.publish(name, filed(COMPUTER, number=number))

    assert (outcome, refusal_of(cluster)["rule"]) == ("refused", "entry_number.check_digit")
    assert cluster.stored() == [{}, {}, {}, {}]


def number_in(place: int, off_by: int = 0) -> str:
    """Return an entry number that belongs to a partition, its check digit right or off by so much."""
    stems = (f"B76{number:07d}" for number in range(100))
    numbers = (f"{stem}{(check_digit(stem) + off_by) % 10}" for stem in stems)
    return next(number for number in numbers if partition_for(number.encode(), 4) == place)


@pytest.mark.parametrize("place", range(4))
def test_what_can_never_be_processed_does_not_wait_for_its_entry(place: int) -> None:
    """Released by the summary it would have made a dead letter of that, again and again for 7 days."""
    number = number_in(place)
    cluster = Cluster()
    words = {"disposition": "1", "disposition_source": "1", "action_on": day("2099-01-01"), "documents": []}
    notified = about(
        "2026-03-02T14:30:00", number, None, **words, team_number=None, line_id=None, text=None, reason=None
    )
    notified.pop("importer_of_record")

    with pytest.raises(InvalidRecord, match="five years ahead"):
        cluster.publish("status_notification", notified)

    assert cluster.publish("entry_summary_accepted", filed(COMPUTER, number=number)) == "routed"


def test_a_replacement_older_than_what_is_known_is_ignored_and_the_port_is_told() -> None:
    """Versions order by number, then time of acceptance, then event id."""
    cluster = Cluster()
    cluster.publish("entry_summary_accepted", filed(COMPUTER, version="00200"))
    cluster.sent.clear()
    older = filed(SHIRT, version="00100", when="2026-03-02T13:00:00")

    outcome = cluster.publish("entry_summary_replaced", older)

    refusal = refusal_of(cluster)
    assert outcome == "ignored"
    assert (refusal["rule"], refusal["ignored"], refusal["event_id"]) == (
        "filing.older_version",
        True,
        older["event_id"],
    )


@pytest.mark.parametrize(
    ("when", "outcome"),
    [("2026-03-03T15:00:00", "applied"), ("2026-03-03T15:00:01", "refused"), ("2027-03-03T15:00:00", "refused")],
)
def test_an_event_more_than_24_hours_in_the_future_is_refused(when: str, outcome: str) -> None:
    """Against the time at which the broker took it, 15:00 on 2 March 2026."""
    cluster = Cluster()
    cluster.publish("entry_summary_accepted", filed(COMPUTER))
    paid = about(when, paid_on=day("2026-03-02"), amount_cents=None, statement_number=None)

    assert cluster.publish("entry_summary_paid", paid, published="2026-03-02T15:00:00") == outcome
    refused = [refusal["rule"] for refusal in cluster.on("event-refusal")]
    assert refused == ["event.in_the_future"] * (outcome == "refused")


def test_a_deletion_under_cbp_control_is_refused() -> None:
    """The filer has to ask CBP."""
    cluster = Cluster()
    cluster.publish("entry_summary_accepted", filed(COMPUTER))
    cluster.publish("entry_summary_control_changed", about("2026-03-02T14:01:00", control="cbp"))
    deleted = about("2026-03-02T14:02:00", deleted_at=at("2026-03-02T14:02:00"), filer_code="B76", port_of_entry="2704")
    deleted.pop("importer_of_record")

    cluster.publish("entry_summary_deleted", deleted)

    refusal = refusal_of(cluster)
    assert (refusal["rule"], refusal["event_type"]) == ("deletion.only_under_trade_control", "entry_summary_deleted")


def answer(cluster: Cluster, value: bytes) -> str:
    """Return the outcome of a record, also where it is a dead letter."""
    try:
        return cluster.deliver("entry-summary-event", PARTITION, KEY, value)
    except InvalidRecord:
        return "dead-letter"


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(["entry_summary_accepted", "entry_summary_replaced", "psc_accepted"]),
    st.lists(st.tuples(st.integers(10, 2000), st.integers(0, 255)), min_size=1, max_size=4),
)
def test_damaged_bytes_are_a_dead_letter_or_an_answer_and_never_a_crash(
    name: str, damage: list[tuple[int, int]]
) -> None:
    """Whatever a broken client writes, one record cannot halt a partition."""
    value = bytearray(codec().encode(name, filed(COMPUTER, SHIRT, census_warnings=["27A"])))
    for place, byte in damage:
        value[10 + (place - 10) % (len(value) - 10)] = byte
    cluster = Cluster()

    assert answer(cluster, bytes(value)) in {*OUTCOMES, "dead-letter"}


@settings(max_examples=150, deadline=None)
@given(
    st.fixed_dictionaries(
        {
            "entry_number": st.text(max_size=12) | st.just(ENTRY),
            "version": st.text(max_size=6) | st.just("00100"),
            "entry_type": st.text(max_size=3),
            "port_of_entry": st.text(max_size=5) | st.just("2704"),
            "accepted_at": st.integers(-(1 << 63), (1 << 63) - 1) | st.just(at("2026-03-02")),
            "entry_date": st.none() | st.integers(-(1 << 31), (1 << 31) - 1),
            "lines": st.lists(
                st.builds(line, st.text(max_size=11) | st.just(COMPUTER), value_usd=st.integers(-5, 1 << 62)),
                max_size=3,
            ),
        }
    )
)
def test_impossible_content_is_a_dead_letter_or_an_answer_and_never_a_crash(content: dict[str, Any]) -> None:
    """Well-formed bytes can say anything."""
    cluster = Cluster()
    value = codec().encode("entry_summary_accepted", filed(COMPUTER, **content))

    assert answer(cluster, value) in {*OUTCOMES, "dead-letter"}
