"""Models refuse what is no event, with all its faults in plain words, and never show a person's number."""

import copy
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from streams.contract.models import (
    EVENT_MODELS,
    EntrySummaryAccepted,
    Event,
    Fault,
    check_digit_faults,
    faults_of,
    key_of,
    parse_event,
)
from streams.contract.models.check_digit import check_digit
from streams.contract.models.numbers import normal_importer_number
from streams.customs.entry_number import check_digit as rules_check_digit
from streams.customs.importer_number import InvalidImporterNumber, importer_number
from tests.contract.examples import EXAMPLES, label

PERSON = "000-12-3456"
AIR = next(example for example in EXAMPLES if example.name == "air-two-lines")
SET = next(example for example in EXAMPLES if example.name == "vessel-article-set")
Path = tuple[str | int, ...]
MISSING = object()


def changed(mapping: dict[str, Any], *changes: tuple[Path, object]) -> dict[str, Any]:
    """Return a mapping with some values replaced, or taken out where the value is `MISSING`."""
    mapping = copy.deepcopy(mapping)
    for path, value in changes:
        inside: Any = mapping
        for step in path[:-1]:
            inside = inside[step]
        if value is MISSING:
            del inside[path[-1]]
        else:
            inside[path[-1]] = value
    return mapping


def faults(mapping: dict[str, Any]) -> list[Fault]:
    """Return what is wrong with a mapping, nothing if it is an event."""
    try:
        parse_event(mapping)
    except ValidationError as error:
        return faults_of(error)
    return []


def summary(*path: str | int) -> Path:
    return ("summary", *path)


def line(*path: str | int) -> Path:
    return ("summary", "lines", *path)


def ahead(**since: float) -> str:
    return (datetime.now(UTC) + timedelta(**since)).isoformat()


def day_ahead(days: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


@pytest.mark.parametrize(
    ("path", "value", "wrong"),
    [
        (("event_id",), "no uuid", "is not a UUID of 36 characters"),
        (("event_id",), MISSING, "is missing"),
        (("event_time",), "2024-09-02T14:05:31", "a time is written as 2026-03-01T14:30:00Z, with its offset from UTC"),
        (("event_time",), "yesterday", "there is no such time"),
        (("event_time",), "1989-12-31T23:59:59Z", "the time lies before 1990"),
        (("source",), "27O4", "is neither a port of four digits, a Center's slug, headquarters nor filer:XXX"),
        (("colour",), "red", "is not a field of this record"),
        (summary(), [], "has to be an object with named fields"),
        (
            summary("entry_number"),
            "B76-0324527-8",
            "is not a filer code, seven digits and a check digit, without hyphens",
        ),
        (
            summary("entry_number"),
            "00003245278",
            "is not a filer code, seven digits and a check digit, without hyphens",
        ),
        (summary("version"), "1", "does not have five digits"),
        (summary("port_of_entry"), "272", "does not have four digits"),
        (summary("port_of_entry"), 2720, "has to be a text"),
        (summary("entry_type"), "61", "has to be one of '01', '02'"),
        (summary("importer_of_record"), "1234-56789", "the form NNNN-NNNNN is void since 1992"),
        (summary("importer_of_record"), "00-0000000", "00-0000000 stands for a consignee, not for an importer"),
        (summary("importer_of_record"), 12, "an importer number is a text"),
        (summary("import_date"), "1989-12-31", "the date lies before 1990"),
        (summary("import_date"), "2024-02-30", "there is no such date"),
        (summary("import_date"), "20240901", "a date is written YYYY-MM-DD"),
        (summary("import_date"), 2_000_000_000, "there is no such date"),
        (summary("bond_type"), "7", "has to be one of '8' or '9'"),
        (summary("totals", "duty_cents"), 1.5, "has to be a whole number"),
        (summary("totals", "duty_cents"), True, "has to be a whole number"),
        (summary("totals", "duty_cents"), -1, "is negative"),
        (summary("totals", "duty_cents"), 10**14, "is more than 10000000000000"),
        (summary("totals", "duty_cents"), MISSING, "is missing"),
        (summary("lines"), [], "needs at least 1, has 0"),
        (summary("lines"), "none", "has to be a list"),
        (line(0, "line_id"), "00*", "does not have three characters without asterisk"),
        (line(0, "country_of_origin"), "cn", "does not have two capital letters"),
        (line(0, "article_set"), "Y", "has to be one of '', 'X' or 'V'"),
        (line(0, "tariffs"), [], "needs at least 1, has 0"),
        (line(0, "tariffs", 0, "htsus"), "8471.30.01.00", "is not a tariff number of 8 or 10 digits"),
        (line(0, "tariffs", 0, "htsus"), "7701000000", "is not a tariff number of 8 or 10 digits"),
        (line(0, "tariffs", 0, "htsus"), "0001000000", "is not a tariff number of 8 or 10 digits"),
        (line(0, "tariffs", 0, "htsus"), "847130010", "is not a tariff number of 8 or 10 digits"),
        (line(0, "tariffs", 0, "quantities", 0, "unit"), "PIECES", "does not have one to three capital letters"),
        (line(1, "line_id"), "001", "is the identifier of an earlier line"),
    ],
)
def test_a_fault_is_told_with_its_place_and_in_plain_words(path: Path, value: object, wrong: str) -> None:
    [fault] = faults(changed(AIR.mapping, (path, value)))

    assert fault.path == path
    assert fault.wrong.startswith(wrong)


def test_all_faults_of_an_event_are_told_together_whether_in_its_fields_or_between_them() -> None:
    broken = changed(
        SET.mapping,
        (summary("version"), MISSING),
        (summary("colour"), "red"),
        (line(0, "tariffs", 1, "htsus"), "62"),
        (line(1, "charges_usd"), -1),
        (line(1, "line_id"), "001"),
        (line(2, "article_set"), ""),
    )

    assert {fault.place for fault in faults(broken)} == {
        "summary.version",
        "summary.colour",
        "summary.lines[0].tariffs[1].htsus",
        "summary.lines[1].charges_usd",
        "summary.lines[1].line_id",
        "summary.lines[0].article_set",
    }


@pytest.mark.parametrize(
    ("members", "faulty"),
    [
        (["X", "V", "V"], []),
        (["", "X", "V", "V", "V", ""], []),
        (["X", "V", "V", "X", "V", "V"], []),
        (["X"], [0]),
        (["X", "V"], [0]),
        (["X", "V", "", "V"], [0, 3]),
        (["X", "X", "V", "V"], [0]),
        (["V", "V"], [0, 1]),
        (["", "V"], [1]),
    ],
)
def test_the_header_of_an_article_set_is_followed_by_two_or_more_components(
    members: list[str], faulty: list[int]
) -> None:
    template = AIR.mapping["summary"]["lines"][0]
    lines = [template | {"line_id": f"{at:03d}", "article_set": member} for at, member in enumerate(members)]

    found = faults(changed(AIR.mapping, (summary("lines"), lines)))

    assert sorted(fault.path[2] for fault in found) == faulty


@pytest.mark.parametrize(("lines", "is_taken"), [(998, True), (999, False)])
def test_a_summary_has_at_most_998_lines(lines: int, is_taken: bool) -> None:  # noqa: FBT001 - a case table
    template = AIR.mapping["summary"]["lines"][0]
    many = [template | {"line_id": f"{at:03d}"} for at in range(1, lines + 1)]
    many[-1]["line_id"] = "ZZZ"

    assert (faults(changed(AIR.mapping, (summary("lines"), many))) == []) is is_taken


@pytest.mark.parametrize(("tariffs", "is_taken"), [(32, True), (33, False)])
def test_a_line_has_at_most_32_tariff_numbers(tariffs: int, is_taken: bool) -> None:  # noqa: FBT001 - a case table
    many = AIR.mapping["summary"]["lines"][0]["tariffs"] * tariffs

    assert (faults(changed(AIR.mapping, (line(0, "tariffs"), many))) == []) is is_taken


@pytest.mark.parametrize(
    ("value", "is_taken"),
    [(day_ahead(399), True), (day_ahead(402), False), ("1990-01-01", True), ("1989-12-31", False)],
)
def test_dates_of_facts_lie_between_1990_and_400_days_ahead(value: str, is_taken: bool) -> None:  # noqa: FBT001 - a case table
    assert (faults(changed(AIR.mapping, (summary("estimated_entry_date"), value))) == []) is is_taken


@pytest.mark.parametrize(("hours", "is_taken"), [(23, True), (25, False)])
def test_an_event_has_happened_at_most_24_hours_from_now(hours: int, is_taken: bool) -> None:  # noqa: FBT001 - a case table
    assert (faults(changed(AIR.mapping, (("event_time",), ahead(hours=hours)))) == []) is is_taken


def test_a_summary_tells_some_date_of_entry() -> None:
    none = changed(AIR.mapping, (summary("estimated_entry_date"), MISSING), (summary("release_date"), MISSING))

    assert [fault.place for fault in faults(none)] == ["summary.estimated_entry_date"]
    assert faults(changed(none, (summary("entry_date"), "2024-09-01"))) == []


def test_a_correction_gives_reasons_and_an_explanation() -> None:
    unexplained = {**AIR.mapping, "event_type": "psc_accepted"}

    assert [fault.place for fault in faults(unexplained)] == ["summary.psc_reasons", "summary.psc_explanation"]


@pytest.mark.parametrize(
    ("event_type", "wrong"),
    [(MISSING, "is missing"), ("work_item", "is not an event of the contract"), (7, "is not an event of the contract")],
)
def test_an_event_names_its_record(event_type: object, wrong: str) -> None:
    assert faults(changed(AIR.mapping, (("event_type",), event_type))) == [Fault(("event_type",), wrong)]


# --- importer numbers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("12-3456789", "12-345678900"),
        (" 12-3456789ab ", "12-3456789AB"),
        (PERSON + " ", PERSON),
        ("202704-12345", "202704-12345"),
    ],
)
def test_an_importer_number_is_taken_in_any_spelling_and_kept_in_its_normal_form(text: str, normal: str) -> None:
    event = parse_event(changed(AIR.mapping, (summary("importer_of_record"), text)))

    assert isinstance(event, EntrySummaryAccepted)
    assert event.summary.importer_of_record == normal


@pytest.mark.parametrize(
    "text",
    [
        "12-3456789",
        "12-3456789A",
        "12-3456789AB",
        PERSON,
        "202704-12345",
        "1234-56789",
        "00-0000000",
        "",
        "12-3456789\u017fs",
    ],
)
def test_the_contract_and_the_rules_agree_on_importer_numbers(text: str) -> None:
    try:
        by_rules = importer_number(text).number
    except InvalidImporterNumber:
        with pytest.raises(ValueError, match=r"importer|void|consignee"):
            normal_importer_number(text)
    else:
        assert normal_importer_number(text) == by_rules


def test_a_consignee_may_be_the_one_of_consolidated_entries() -> None:
    event = parse_event(changed(AIR.mapping, (summary("consignee"), "00-0000000")))

    assert isinstance(event, EntrySummaryAccepted)
    assert event.summary.consignee == "00-0000000"


def test_a_persons_number_is_in_no_error_and_in_no_text_of_an_event() -> None:
    mapping = changed(AIR.mapping, (summary("importer_of_record"), PERSON), (summary("consignee"), f"{PERSON}-7"))

    with pytest.raises(ValidationError) as caught:
        parse_event(mapping)

    assert PERSON not in str(caught.value)
    assert PERSON not in repr(faults_of(caught.value))
    whole = parse_event(changed(mapping, (summary("consignee"), PERSON)))
    assert PERSON not in repr(whole)
    assert PERSON not in str(whole)


# --- check digits ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "digit"),
    [("B760324527", 8), ("ABC1234567", 6), ("9999999999", 0), ("9ZZ1000001", 9), ("A000000001", 7), ("SIZ4567890", 1)],
)
def test_the_check_digit_is_cbps(number: str, digit: int) -> None:
    assert check_digit(number) == rules_check_digit(number) == digit


def test_a_false_check_digit_is_told_apart_from_the_form() -> None:
    event = parse_event(changed(AIR.mapping, (summary("entry_number"), "B7603245273")))

    [fault] = check_digit_faults(event)

    assert str(fault) == "summary.entry_number: B76-0324527 has check digit 8, not 3"


def test_a_filer_with_permission_may_add_to_the_check_digit() -> None:
    event = parse_event(changed(AIR.mapping, (summary("entry_number"), "B7603245271")))

    assert check_digit_faults(event, {"B76": {3}}) == []
    assert len(check_digit_faults(event, {"B76": {4}})) == 1


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("two-ports", ("entries", 1, "entry_number")),
        ("liquidated-damages", ("entry_numbers", 0)),
        ("form-28", ("further_entry_numbers", 0)),
        ("entry-added", ("added_entries", 0, "entry_number")),
        ("partly-denied", ("entries", 0, "entry_number")),
        ("to-cbp", ("entry_number",)),
    ],
)
def test_every_entry_number_of_an_event_is_checked(name: str, path: Path) -> None:
    example = next(one for one in EXAMPLES if one.name == name and path[0] in one.mapping)
    event = parse_event(changed(example.mapping, (path, "B7603245273")))

    assert [fault.path for fault in check_digit_faults(event)] == [path]


# --- keys ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("air-two-lines", b"12-3456789"),
        ("informal-of-a-person", b"000-12-3456"),
        ("antidumping", b"202704-12345"),
        ("to-cbp", b"12-3456789"),
        ("documents-asked", b"B7603245278"),
        ("by-filer", b"B7603245278"),
        ("importer-unreadable", b"B7603245278"),
        ("of-an-importer", b"12-3456789"),
        ("of-nobody-known", b"inquiry:Q000000816"),
        ("domestic-party", b"inquiry:516-2024-3"),
        ("review", b"12-3456789"),
        ("window-and-coverage", b"rules"),
    ],
)
def test_an_event_has_its_account_for_key_and_without_importer_its_entry_or_inquiry(name: str, key: bytes) -> None:
    example = next(one for one in EXAMPLES if one.name == name and one.record in EVENT_MODELS)
    event = example.model

    assert isinstance(event, Event)
    assert key_of(event) == key


@pytest.mark.parametrize("example", [one for one in EXAMPLES if one.record in EVENT_MODELS], ids=label)
def test_every_event_has_a_key_of_ascii(example: Any) -> None:
    assert key_of(example.model).isascii()


# --- values ----------------------------------------------------------------------------------------------------


def test_an_event_built_in_code_is_checked_like_one_from_a_line() -> None:
    whole = AIR.model

    with pytest.raises(ValidationError):
        EntrySummaryAccepted(event_id="no", event_time=datetime.now(UTC), source="2720", summary=whole.summary)  # type: ignore[attr-defined]


def test_events_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        AIR.model.event_id = "other"  # type: ignore[attr-defined]


def test_an_event_id_in_capitals_is_kept_in_lower_case() -> None:
    event = parse_event(changed(AIR.mapping, (("event_id",), AIR.mapping["event_id"].upper())))

    assert event.event_id == AIR.mapping["event_id"]


def test_instants_of_another_zone_are_the_same_instant_in_utc() -> None:
    event = parse_event(changed(AIR.mapping, (("event_time",), "2024-09-02T10:05:31-04:00")))

    assert event.event_time == datetime(2024, 9, 2, 14, 5, 31, tzinfo=UTC)
    assert event.event_time.tzinfo is UTC


def test_an_instant_is_cut_off_to_the_milliseconds_that_the_wire_has() -> None:
    event = parse_event(changed(AIR.mapping, (("event_time",), "2024-09-02T14:05:31.123999Z")))

    assert event.event_time.microsecond == 123_000


def test_what_the_processor_let_pass_can_be_read_even_where_a_publisher_would_be_refused() -> None:
    fields = AIR.model.to_fields()
    fields["summary"]["import_date"] = (date(2199, 1, 1) - date(1970, 1, 1)).days

    event = EntrySummaryAccepted.from_fields(fields)

    assert event.summary.import_date == date(2199, 1, 1)


@pytest.mark.parametrize("days", [2**31 - 1, -(2**31), 3_000_000])
def test_a_day_beyond_the_calendar_is_a_value_error_when_it_is_read(days: int) -> None:
    fields = AIR.model.to_fields()
    fields["summary"]["import_date"] = days

    with pytest.raises(ValueError, match="there is no such date"):
        EntrySummaryAccepted.from_fields(fields)
