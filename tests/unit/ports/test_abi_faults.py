"""Every stage of validation finds its faults, names their place, and leaves the neighbours alone."""

import pytest

from streams.ports.abi.faults import Fault, Stage
from streams.ports.abi.layout import layouts

from .batches import (
    EXAMPLE,
    NUMBERS,
    all_faults,
    batch,
    changed,
    filings,
    read,
    sound_numbers,
    summary,
    with_change,
)


def only_fault(records: list[str]) -> Fault:
    """Return the one fault of a summary between two sound neighbours, after checking that they survive."""
    file = batch(summary(NUMBERS[1]), records, summary(NUMBERS[2]))
    assert sound_numbers(file) == [NUMBERS[1], NUMBERS[2]]
    faults = all_faults(file)
    assert len(faults) == 1, faults
    return faults[0]


def test_the_printed_example_is_sound() -> None:
    """The constructed example of the specification has no fault and two lines."""
    (filing,) = filings(list(EXAMPLE))

    assert filing.faults == ()
    assert filing.notices == ()
    assert filing.entry_number == "B7603245278"
    assert filing.summary is not None
    assert filing.summary.port_of_entry == "2720"


@pytest.mark.parametrize("line_break", ["\n", "\r\n", ""])
@pytest.mark.parametrize("tail", ["", "\n\n", "\r\n\r\n", " " * 80, "\x1a", "\n" + " " * 80 + "\n"])
def test_line_breaks_and_trailing_blanks_do_not_matter(line_break: str, tail: str) -> None:
    """LF, CRLF or nothing between records, and whatever blank follows the last one."""
    text = line_break.join(EXAMPLE) + tail

    assert sound_numbers(text.encode()) == [NUMBERS[0]]
    assert all_faults(text.encode()) == []


@pytest.mark.parametrize("padding", ["\x1a", " " * 30, "\x00" * 100, "\n" * 3])
def test_what_fills_up_the_space_between_two_batches_does_not_matter(padding: str) -> None:
    """Files without line breaks that were put together from others have some."""
    text = padding.join("".join(batch(summary(number))) for number in NUMBERS)

    assert sound_numbers(text.encode()) == list(NUMBERS)
    assert all_faults(text.encode()) == []


def test_a_byte_order_mark_is_no_part_of_the_first_record() -> None:
    """Editors put three bytes before a text."""
    assert all_faults(b"\xef\xbb\xbf" + "\n".join(EXAMPLE).encode()) == []


def test_several_batches_in_one_file_are_counted() -> None:
    """The second batch's filings and faults carry its number."""
    file = [*batch(summary()), *batch(with_change("50", htsus="12"), summary(NUMBERS[1]))]

    assert [(filing.batch, filing.is_sound) for filing in filings(file)] == [(1, True), (2, False), (2, True)]
    assert [fault.batch for fault in all_faults(file)] == [2]


LENGTH_CASES = [
    ("one character cut", lambda text: text[:-1], 79),
    ("trailing blanks cut", str.rstrip, 13),
    ("one character too many", lambda text: text + "X", 81),
    ("only an identifier left", lambda text: text[:2], 2),
]


@pytest.mark.parametrize(("case", "damage", "length"), LENGTH_CASES, ids=[case[0] for case in LENGTH_CASES])
def test_a_record_of_another_length_is_named(case: str, damage: object, length: int) -> None:
    """A record that has not 80 characters is the first thing that is found."""
    assert callable(damage), case
    records = summary()
    records[9 - 3] = damage(records[9 - 3])

    fault = only_fault(records)

    assert fault.stage is Stage.LENGTH
    assert (fault.batch, fault.record, fault.start, fault.end) == (1, 3 + 13 + 6, 1, length)
    assert str(length) in fault.wrong


def test_a_character_that_takes_two_bytes_is_told_as_what_it_is() -> None:
    """To cut the record to 80 would be the wrong advice: an editor shows 80 characters."""
    text = "".join(f"{record}\n" for record in batch(with_change("10", broker_reference="CAFÉ"))).encode("utf-8")

    (fault,) = all_faults(text)

    assert (fault.stage, fault.record, fault.remedy) == (Stage.LENGTH, 3, "write it in ASCII, 80 characters")
    assert fault.wrong == "the record has 81 bytes, and characters that are not ASCII"


@pytest.mark.parametrize("more", [" ", "X", "X" * 20])
def test_a_first_record_that_is_too_long_changes_no_other_records_number(more: str) -> None:
    """In a file of lines a record's number is its line's, from the first line on."""
    file = batch(summary(), with_change("50", htsus="12"))
    file[0] += more

    faults = all_faults(file)

    assert [(fault.stage, fault.record, fault.end) for fault in faults] == [
        (Stage.LENGTH, 1, 80 + len(more)),
        (Stage.CODES, 3 + 13 + 5, 12),
    ]


@pytest.mark.parametrize("identifier", ["99", "4 ", "  ", "??", "CW", "XX", "E0", "B0", "Z9", "é0"])
def test_an_unknown_identifier_is_named(identifier: str) -> None:
    """A record that begins like none of the table's may be the one that would be missed: nothing else is said."""
    records = summary()
    records[2] = identifier + records[2][2:]

    fault = only_fault(records)

    assert fault.stage is Stage.IDENTIFIER
    assert (fault.record, fault.start, fault.end) == (3 + 13 + 2, 1, 2)


RECORD_23 = changed("23".ljust(80), "23", manifest_component_type="M", component_id="123")
RECORD_32 = changed("32".ljust(80), "32", release_filer_1="B76", release_entry_number_1=NUMBERS[3])
ORDER_CASES = [
    ("no content", lambda records: [records[0], *records[2:]], 0, "no record 11"),
    ("no grand totals", lambda records: records[:-1], 0, "no record 90"),
    ("no line", lambda records: [*records[:3], records[-1]], 0, "no record 40"),
    ("no tariff number", lambda records: [*records[:5], *records[6:]], 5, "stands before its record 50"),
    ("no tariff number in the last line", lambda records: [*records[:9], *records[10:]], 9, "before its record 50"),
    ("content twice", lambda records: [*records[:2], records[1], *records[2:]], 2, "more than 1"),
    ("bond before content", lambda records: [records[0], records[2], records[1], *records[3:]], 2, "comes after"),
    ("component without manifest", lambda r: [*r[:2], RECORD_23, *r[2:]], 2, "before its record 22"),
    ("releases after the bond's place", lambda r: [*r[:2], RECORD_32, *r[2:]], 3, "comes after record 32"),
    ("33 tariff numbers", lambda r: [*r[:5], *[r[5]] * 33, *r[6:]], 5 + 32, "more than 32"),
    ("7 parties", lambda r: [*r[:4], *[r[4]] * 7, *r[5:]], 4 + 6, "more than 6"),
    ("grand totals twice", lambda r: [*r, r[-1]], 13, "more than 1"),
    ("fee totals after the grand totals", lambda r: [*r, r[-2]], 13, "comes after record 90"),
]


@pytest.mark.parametrize(("case", "damage", "place", "wrong"), ORDER_CASES, ids=[case[0] for case in ORDER_CASES])
def test_order_and_repeats_follow_the_structure_map(case: str, damage: object, place: int, wrong: str) -> None:
    """The record that leaves the map is named, with what is wrong about its place."""
    assert callable(damage), case
    fault = only_fault(damage(summary()))

    assert fault.stage is Stage.ORDER
    assert fault.record == 3 + 13 + place
    assert wrong in fault.wrong


def test_grand_totals_that_stand_first_are_no_fault_of_the_summary_before() -> None:
    """They are followed by the rest of their own summary, not by the next one's header."""
    first, *rest, last = summary()

    file = batch(summary(NUMBERS[1]), [last, *rest, first], summary(NUMBERS[2]))

    assert sound_numbers(file) == [NUMBERS[1], NUMBERS[2]]
    assert {fault.stage for fault in all_faults(file)} == {Stage.ORDER}


def test_a_record_that_swallows_the_next_one_is_a_fault() -> None:
    """Without line breaks, a description whose trailing blanks are cut goes on into the next record."""
    records = summary()
    records.insert(4, changed("44".ljust(80), "44", commercial_description="TOYS").rstrip())
    file = "".join(batch(summary(NUMBERS[1]), records, summary(NUMBERS[2]))).encode()

    assert sound_numbers(file) == [NUMBERS[1], NUMBERS[2]]
    assert [(fault.stage, fault.record) for fault in all_faults(file)] == [
        (Stage.LENGTH, 3 + 13 + 5),
        (Stage.IDENTIFIER, 3 + 13 + 5),
    ]


def test_998_lines_are_allowed_and_999_are_not() -> None:
    """The most lines that a summary may have."""
    records = summary()
    lines = [changed(records[3], "40", line_id=f"{number:03d}") for number in range(1, 1000)]
    tariff = changed(records[5], "50", duty="0000000000")
    many = [*records[:3], *(part for line in lines for part in (line, tariff))]
    totals = changed(records[-1], "90", total_user_fees="0".zfill(11))

    assert sound_numbers(batch([*many[:-2], totals])) == [NUMBERS[0]]
    faults = all_faults(batch([*many, totals]))
    assert [fault.stage for fault in faults] == [Stage.ORDER]
    assert "998" in faults[0].wrong


def test_records_without_a_header_are_one_group_and_lose_no_neighbour() -> None:
    """A header whose identifier is damaged leaves its records behind, not its neighbours'."""
    headless = summary(NUMBERS[3])
    headless[0] = "XX" + headless[0][2:]
    file = batch(summary(NUMBERS[1]), headless, summary(NUMBERS[2]))

    assert sound_numbers(file) == [NUMBERS[1], NUMBERS[2]]
    assert [fault.stage for fault in all_faults(file)] == [Stage.IDENTIFIER, Stage.ORDER]


def test_agencies_records_are_kept_raw_and_skipped() -> None:
    """Release and partner-agency records are known by their longer identifiers, wherever they stand."""
    agency = [text.ljust(80) for text in ("SE10ANY", "PG01FDA", "OI  BOOKS", "PG60X")]
    records = summary()
    records[2:2] = agency[:1]
    records[6:6] = agency[1:]

    (filing,) = filings(batch(records))

    assert filing.is_sound
    assert filing.agency_records == tuple(agency)


ENVELOPE_CASES = [
    ("other site in Z", 17, "site_code", "2704"),
    ("other transmitter in Z", 17, "transmitter_id", "ABC"),
    ("other date in Z", 17, "batch_date", "090226"),
    ("other port in Y", 16, "processing_port", "2704"),
    ("other filer in Y", 16, "processing_filer", "ABC"),
    ("other application in Y", 16, "application_id", "AX"),
    ("other application in A", 0, "application_id", "AX"),
    ("other application in B", 1, "application_id", "UC"),
]


@pytest.mark.parametrize(("case", "place", "field", "value"), ENVELOPE_CASES, ids=[case[0] for case in ENVELOPE_CASES])
def test_both_ends_of_an_envelope_agree(case: str, place: int, field: str, value: str) -> None:
    """What a damaged envelope holds is withheld, and the batch beside it is read."""
    place -= 1 if place > 1 else 0
    damaged = batch(summary())
    damaged[place] = changed(damaged[place], damaged[place][0], **{field: value})
    file = [*damaged, *batch(summary(NUMBERS[1]))]

    assert sound_numbers(file) == [NUMBERS[1]], case
    faults = all_faults(file)
    assert {fault.stage for fault in faults} == {Stage.ENVELOPE}
    assert {fault.batch for fault in faults} == {1}
    assert all(field == fault.field for fault in faults)
    assert [filing.withheld for filing in filings(file)] == [True, False]


@pytest.mark.parametrize("missing", [0, 1, -2, -1])
def test_a_missing_end_of_an_envelope_is_named_with_its_batch(missing: int) -> None:
    """Without A, B, Y or Z nothing says whose the summaries are, or that they are all."""
    damaged = batch(summary())
    del damaged[missing]
    file = [*damaged, *batch(summary(NUMBERS[1]))]

    assert sound_numbers(file) == [NUMBERS[1]]
    faults = all_faults(file)
    assert {fault.batch for fault in faults} == {1}
    assert {fault.stage for fault in faults} == {Stage.ENVELOPE}


def test_a_file_that_ends_early_withholds_its_last_batch_alone() -> None:
    """A broken transfer shows as a batch without its end."""
    file = [*batch(summary()), *batch(summary(NUMBERS[1]), summary(NUMBERS[2]))[:-5]]

    assert sound_numbers(file) == [NUMBERS[0]]
    assert any("the file ends without" in fault.wrong for fault in all_faults(file))


def test_a_damaged_block_leaves_the_batchs_other_block() -> None:
    """Only the block whose ends disagree is withheld."""
    block_end = changed(EXAMPLE[15], "Y", processing_port="2704")
    file = [*EXAMPLE[:2], *summary(), block_end, EXAMPLE[1], *summary(NUMBERS[1]), *EXAMPLE[15:]]

    assert sound_numbers(file) == [NUMBERS[1]]
    (envelope, *_) = read(file)
    assert getattr(envelope, "blocks", None) == (1,)


@pytest.mark.parametrize("place", [1, 16])
def test_a_record_Y_that_closes_no_block_leaves_the_blocks_beside_it(place: int) -> None:
    """It counts as an empty block of its own, before the batch's block or behind it."""
    file = batch(summary())
    file.insert(place, file[-2])

    assert sound_numbers(file) == [NUMBERS[0]]
    (fault,) = all_faults(file)
    assert (fault.record, fault.wrong) == (place + 1, "record Y closes no block")


WRONG_ENVELOPES = [
    ("A", "application_id", "AX", "give the batch (AE) as the file"),
    ("A", "batch_date", "023026", "give MMDDYY"),
    ("A", "site_code", "", "give site_code"),
    ("B", "processing_filer", "000", "give the filer's three characters"),
    ("B", "preparer_filer", "B 6", "give the filer's three characters"),
    ("Y", "processing_port", "2704", "make both ends of the envelope agree"),
]


@pytest.mark.parametrize(("record", "field", "value", "remedy"), WRONG_ENVELOPES)
def test_a_fault_of_an_envelope_says_what_to_do(record: str, field: str, value: str, remedy: str) -> None:
    file = batch(summary())
    place = {"A": 0, "B": 1, "Y": -2}[record]
    file[place] = changed(file[place], record, **{field: value})

    assert remedy in [fault.remedy for fault in all_faults(file) if (fault.record_id, fault.field) == (record, field)]
    assert sound_numbers(file) == []


@pytest.mark.parametrize(
    ("block_port", "port", "is_sound"),
    [
        ("2720", "2704", True),
        ("2720", "3901", False),
        ("1001", "4601", True),
        ("4701", "1001", True),
        ("4601", "4701", True),
        ("1001", "2720", False),
        ("2720", "1001", False),
    ],
)
def test_summaries_share_their_blocks_district_but_for_new_york(block_port: str, port: str, is_sound: bool) -> None:  # noqa: FBT001 - a column of the table
    """Districts 10, 46 and 47 may be mixed; the block's own port may differ."""
    file = batch(with_change("10", port_of_entry=port))
    file[1] = changed(file[1], "B", processing_port=block_port)
    file[-2] = changed(file[-2], "Y", processing_port=block_port)

    assert [fault.stage for fault in all_faults(file)] == ([] if is_sound else [Stage.ENVELOPE])


def test_the_port_of_entry_is_the_headers_and_never_the_blocks() -> None:
    """The block's port says where a summary is processed."""
    (filing,) = filings(batch(with_change("10", port_of_entry="2704")))

    assert filing.summary is not None
    assert filing.summary.port_of_entry == "2704"


def test_a_correction_may_come_from_another_filer_and_an_ordinary_filing_may_not() -> None:
    """Ownership of an entry can change with a correction; its number never does."""
    foreign = changed(SUMMARY_OF_ABC[0], "10", post_summary_correction="Y")
    reason = changed("35".ljust(80), "35", psc_header_reason_1="H10")
    explanation = changed("36".ljust(80), "36", psc_explanation="CONSIGNEE CORRECTED")
    correction = [foreign, *SUMMARY_OF_ABC[1:3], reason, explanation, *SUMMARY_OF_ABC[3:]]

    assert [fault.stage for fault in all_faults(batch(SUMMARY_OF_ABC))] == [Stage.ENVELOPE]
    (filing,) = filings(batch(correction))
    assert filing.is_sound
    assert filing.is_correction
    assert filing.filer_code == "B76"
    assert filing.entry_number == "ABC12345676"


SUMMARY_OF_ABC = with_change("10", filer_code="ABC", entry_number="12345676")


CLASS_CASES = [
    ("10", 0, "action", "1", "letters"),
    ("10", 0, "entry_type", "", "blank"),
    ("10", 0, "preliminary_statement_date", "9 1026", "date"),
    ("10", 0, "electronic_signature", "", "blank"),
    ("40", 0, "charges", "12345    ", "right"),
    ("40", 1, "charges", "000000000x", "right"),
    ("40", 0, "country_of_export", "tw", "capital"),
    ("50", 0, "value", "", "blank"),
    ("50", 0, "duty", "-000000001", "right"),
    ("50", 1, "htsus", "9503.00.00", "capital"),
    ("90", 0, "total_ad", "", "blank"),
    ("90", 0, "total_duty", "1 000", "right"),
]


@pytest.mark.parametrize(("record", "nth", "field", "value", "hint"), CLASS_CASES)
def test_a_field_of_the_wrong_class_is_named_with_its_positions(
    record: str, nth: int, field: str, value: str, hint: str
) -> None:
    """Class and presence come from the layout table."""
    fault = only_fault(with_change(record, nth, **{field: value}))

    assert (fault.stage, fault.record_id, fault.field) == (Stage.CLASS, record, field)
    assert hint in fault.wrong + fault.remedy


RECORD_34 = changed("34".ljust(80), "34", class_code_1="499", header_fee_1="0" * 8)
HALVES = [
    ("32", 3, changed(RECORD_32, "32", release_filer_2="B76"), "release_entry_number_2"),
    ("32", 3, changed(RECORD_32, "32", release_entry_number_6=NUMBERS[1]), "release_filer_6"),
    ("34", 3, changed(RECORD_34, "34", header_fee_2="00000100"), "class_code_2"),
    ("50", 5, changed(summary()[5], "50", quantity_3="000000000100"), "uom_3"),
    ("89", 11, changed(summary()[11], "89", total_fee_2="        100"), "class_code_2"),
]


@pytest.mark.parametrize(("record", "place", "text", "field"), HALVES)
def test_a_field_that_says_nothing_alone_is_a_fault(record: str, place: int, text: str, field: str) -> None:
    """A quantity without its unit would be lost, as would a fee without its class."""
    records = summary()
    records[place : place + (record in {"50", "89"})] = [text]

    fault = only_fault(records)

    assert (fault.stage, fault.record, fault.field) == (Stage.CLASS, 3 + 13 + place, field)


def test_an_amount_of_zero_may_stand_alone() -> None:
    """Some fill what they do not use with zeros."""
    records = with_change("50", quantity_2="0" * 12, quantity_3="0" * 12)
    records[11] = changed(records[11], "89", total_fee_2="0" * 11)

    assert sound_numbers(batch(records)) == [NUMBERS[0]]


def test_a_filler_holds_spaces_only() -> None:
    """Text between two fields is a fault at its positions."""
    records = summary()
    records[0] = records[0][:79] + "X"

    fault = only_fault(records)

    assert (fault.stage, fault.field, fault.start, fault.end) == (Stage.CLASS, "filler", 71, 80)


@pytest.mark.parametrize("value", ["        12", "0000000012"])
def test_a_number_may_be_filled_up_with_spaces_or_zeros(value: str) -> None:
    """Class (S)N takes both."""
    (filing,) = filings(batch(with_change("40", charges=value)))

    assert filing.summary is not None
    assert filing.summary.lines[0].charges_usd == 12


CHECK_DIGIT_CASES = [
    ("10", {"entry_number": "03245270"}, "entry_number", "has check digit 8, not 0"),
    ("10", {"entry_number": "0324527X"}, "entry_number", "is not an entry number"),
    ("10", {"entry_number": "0324527"}, "entry_number", "is not an entry number"),
]


@pytest.mark.parametrize(("record", "values", "field", "wrong"), CHECK_DIGIT_CASES)
def test_a_false_check_digit_is_told_with_the_true_one(
    record: str, values: dict[str, str], field: str, wrong: str
) -> None:
    """The filer learns which digit it should be."""
    fault = only_fault(with_change(record, 0, **values))

    assert (fault.stage, fault.field, fault.start, fault.end) == (Stage.CHECK_DIGIT, field, 9, 16)
    assert wrong in fault.wrong


def test_check_digits_of_consolidated_releases_and_warehouse_entries_are_checked() -> None:
    """Every entry number in a summary has one."""
    records = summary()
    records[2:2] = [
        changed("30".ljust(80), "30", warehouse_entry_filer="B76", warehouse_entry_number="03245279",
                warehouse_entry_port="2720"),
    ]  # fmt: skip
    records[4:4] = [changed(RECORD_32, "32", release_filer_2="ABC", release_entry_number_2="12345670")]

    faults = all_faults(batch(records))

    assert [(fault.stage, fault.field) for fault in faults] == [
        (Stage.CHECK_DIGIT, "warehouse_entry_number"),
        (Stage.CHECK_DIGIT, "release_entry_number_2"),
    ]


@pytest.mark.parametrize(
    ("record", "field", "value"),
    [
        ("10", "preliminary_statement_date", "023026"),
        ("11", "import_date", "130126"),
        ("11", "estimated_entry_date", "000000"),
        ("40", "export_date", "022927"),
    ],
)
def test_a_day_that_no_calendar_has_is_named(record: str, field: str, value: str) -> None:
    """Month, day and leap years are checked."""
    fault = only_fault(with_change(record, 0, **{field: value}))

    assert (fault.stage, fault.record_id, fault.field) == (Stage.DATES, record, field)


CODE_CASES = [
    ("10", "action", "X"),
    ("10", "filer_code", "000"),
    ("10", "port_of_entry", "27A0"),
    ("10", "entry_type", "09"),
    ("10", "entry_type", "86"),
    ("10", "mode_of_transport", "99"),
    ("10", "payment_type", "4"),
    ("10", "bond_waiver_reason", "994"),
    ("11", "importer_of_record", "12-34567890"),
    ("11", "importer_of_record", "1234-56789"),
    ("11", "consignee", "12345678900"),
    ("31", "bond_type", "7"),
    ("40", "article_set", "Y"),
    ("40", "line_id", "0*1"),
    ("40", "country_of_origin", "PS"),
    ("40", "country_of_origin", "ZZ"),
    ("40", "country_of_export", "XO"),
    ("47", "party_type", "Q"),
    ("50", "htsus", "847130010"),
    ("50", "htsus", "7701000000"),
    ("50", "htsus", "0001000000"),
    ("50", "htsus", "84713001AB"),
    ("50", "uom_1", "XYZ"),
    ("62", "class_code", "999"),
    ("89", "class_code_1", "777"),
]


@pytest.mark.parametrize(("record", "field", "value"), CODE_CASES)
def test_a_code_that_no_list_has_is_named(record: str, field: str, value: str) -> None:
    """Codes are checked against CBP's lists; sums are not made of what is wrong."""
    file = batch(summary(NUMBERS[1]), with_change(record, 0, **{field: value}), summary(NUMBERS[2]))

    faults = [fault for fault in all_faults(file) if fault.stage is Stage.CODES]

    assert [(fault.record_id, fault.field) for fault in faults] == [(record, field)]
    assert faults[0].remedy
    assert sound_numbers(file) == [NUMBERS[1], NUMBERS[2]]


@pytest.mark.parametrize(("value", "country"), [("TW", "TW"), ("XO", "CA"), ("WE", "WE"), ("KV", "KV"), ("BU", "BU")])
def test_cbps_own_countries_are_taken_and_provinces_are_canada(value: str, country: str) -> None:
    """CBP's list differs from ISO; a province as origin is Canada."""
    (filing,) = filings(batch(with_change("40", country_of_origin=value)))

    assert filing.summary is not None
    assert filing.summary.lines[0].country_of_origin == country


def test_a_port_that_the_list_lacks_is_a_notice_and_no_fault() -> None:
    """The list of ports is known to be incomplete."""
    (filing,) = filings(batch(with_change("10", port_of_entry="2799")))

    assert filing.is_sound
    assert [notice.field for notice in filing.notices] == ["port_of_entry"]


TOTAL_CASES = [
    ("90", {"total_duty": "00000000001"}, ["total_duty"]),
    ("90", {"total_user_fees": "00000009007"}, ["total_user_fees"]),
    ("90", {"total_ir_tax": "00000000001"}, ["total_ir_tax"]),
    ("90", {"total_ad": "00000000001"}, ["total_ad"]),
    ("90", {"total_cvd": "00000000001"}, ["total_cvd"]),
    ("90", {"total_other_revenue": "00000000001"}, ["total_other_revenue"]),
    ("50", {"duty": "0000000100"}, ["total_duty"]),
    ("89", {"class_code_1": "501"}, ["total_fee_1", "total_user_fees"]),
    ("89", {"class_code_2": "501", "total_fee_2": "00000000005"}, ["total_fee_2", "total_user_fees"]),
]


@pytest.mark.parametrize(("record", "values", "fields"), TOTAL_CASES)
def test_totals_are_what_the_lines_add_up_to(record: str, values: dict[str, str], fields: list[str]) -> None:
    """Each total that disagrees is named with both amounts."""
    file = batch(summary(NUMBERS[1]), with_change(record, 0, **values))

    faults = all_faults(file)

    assert {fault.stage for fault in faults} == {Stage.TOTALS}
    assert [fault.field for fault in faults] == fields
    assert sound_numbers(file) == [NUMBERS[1]]


@pytest.mark.parametrize(
    ("fee", "entry_date", "is_sound"),
    [
        (9006, "090126", True),
        (9007, "090126", True),
        (9008, "090126", False),
        (3358, "090126", False),
        (65150, "090126", False),
        (65150, "090125", True),
        (65150, "100125", False),
    ],
)
def test_the_processing_fees_minimum_and_maximum_apply_to_the_summary(
    fee: int, entry_date: str, is_sound: bool  # noqa: FBT001 - a column of the table
) -> None:  # fmt: skip
    """Lines add up to 90.06: less than the maximum, more than the minimum; a cent may be rounding."""
    records = with_change("89", total_fee_1=f"{fee:011d}")
    records[-1] = changed(records[-1], "90", total_user_fees=f"{fee:011d}")
    records[1] = changed(records[1], "11", estimated_entry_date=entry_date)

    assert [fault.stage for fault in all_faults(batch(records))] == ([] if is_sound else [Stage.TOTALS])


@pytest.mark.parametrize(("line_fee", "total"), [("00000100", 3358), ("00099999", 65150)])
def test_a_summary_pays_the_least_or_the_most_processing_fee(line_fee: str, total: int) -> None:
    """2 dollars of shares pay the minimum, 2,000 dollars the maximum."""
    records = with_change("89", total_fee_1=f"{total:011d}")
    records = [changed(record, "62", user_fee=line_fee) if record.startswith("62") else record for record in records]
    records[-1] = changed(records[-1], "90", total_user_fees=f"{total:011d}")

    assert all_faults(batch(records)) == []


def test_components_of_an_article_set_do_not_count() -> None:
    """The header of a set carries value and duty; its components repeat them."""
    records = summary()
    header = changed(records[3], "40", article_set="X")
    components = [changed(records[3], "40", article_set="V", line_id=number) for number in ("003", "004")]
    taxed = changed(records[5], "50", duty="0000000500")
    totals = changed(records[-1], "90", total_duty="00000000500")
    parts = [part for component in components for part in (component, taxed)]
    file = [*records[:3], header, taxed, records[6], *parts, *records[7:-1], totals]

    assert all_faults(batch(file)) == []


def test_antidumping_duty_is_summed_by_kind_and_by_bond_or_cash() -> None:
    """Record 88 has four totals; the grand total may count the bonded part or leave it out."""
    case = changed(
        "53".ljust(80), "53", case_number="A570900001", bond_or_cash="C", deposit_rate="00001000", rate_type="A",
        case_duty="0000000700",
    )  # fmt: skip
    bonded = changed(case, "53", case_number="C570900001", bond_or_cash="B", case_duty="0000000300")
    totals = changed("88".ljust(80), "88", total_cash_ad="00000000700", total_bonded_cvd="00000000300")
    records = summary()
    grand = changed(records[-1], "90", total_ad="00000000700")
    file = [*records[:6], case, bonded, *records[6:-2], totals, records[-2], grand]
    with_bonded = changed(grand, "90", total_cvd="00000000300")
    wrong = changed(totals, "88", total_cash_ad="00000000300", total_bonded_ad="00000000400")

    assert all_faults(batch(file)) == []
    assert all_faults(batch([*file[:-1], with_bonded])) == []
    assert [fault.field for fault in all_faults(batch([*file[:-3], wrong, *file[-2:]]))] == [
        "total_bonded_ad",
        "total_cash_ad",
    ]
    assert [fault.wrong for fault in all_faults(batch([*file[:-3], *file[-2:]]))] == [
        "the lines have antidumping or countervailing duty, the summary has no record 88"
    ]


def test_a_line_stands_once() -> None:
    """Lines are known by their numbers."""
    fault = only_fault(with_change("40", 1, line_id="001"))

    assert (fault.stage, fault.record) == (Stage.MAPPING, 3 + 13 + 7)
    assert "line_id" in fault.wrong


@pytest.mark.parametrize(("nth", "record"), [(0, 6), (1, 10)])
def test_an_article_set_is_a_header_and_two_or_more_components(nth: int, record: int) -> None:
    """The contract's own rules are told with the record that they are about."""
    (fault,) = all_faults(batch(with_change("40", nth, article_set="X")))

    assert (fault.stage, fault.record) == (Stage.MAPPING, record)
    assert "followed by two or more components" in fault.wrong


RECORD_61 = changed("61".ljust(80), "61", class_code="6 2", other_revenue="0000000000")
MAKER, TAX_OR_FEE = 4, 10  # places in the example
MAPPING_CASES = [
    ("a date before 1990", with_change("11", import_date="123189"), 1, "import_date"),
    ("a surety with a blank", with_change("31", surety_code="9 9"), 2, "surety_code"),
    ("a claim after a blank", with_change("40", 1, special_program_claim=" S"), 7, "special_program_claim"),
    ("a maker with a blank", with_change("47", 1, party_id="TW X"), 8, "party_id"),
    (
        "a maker behind another party",
        [
            *summary()[:MAKER],
            changed(summary()[MAKER], "47", party_type="S"),
            *with_change("47", party_id="A X")[MAKER:],
        ],
        MAKER + 1,
        "party_id",
    ),
    ("a revenue that is no class", [*summary()[:TAX_OR_FEE], RECORD_61, *summary()[TAX_OR_FEE:]], 10, "class_code"),
]


@pytest.mark.parametrize(("case", "records", "place", "field"), MAPPING_CASES, ids=[case[0] for case in MAPPING_CASES])
def test_what_the_contract_refuses_is_told_of_the_field_that_it_comes_from(
    case: str, records: list[str], place: int, field: str
) -> None:
    fault = only_fault(records)
    item = layouts()[fault.record_id].field(field)

    assert (fault.stage, fault.record, fault.field) == (Stage.MAPPING, 3 + 13 + place, field), case
    assert (fault.start, fault.end) == (item.start, item.end)


@pytest.mark.parametrize(("count", "faults"), [(99, []), (100, [Stage.ORDER])])
def test_a_correction_is_explained_in_up_to_99_records(count: int, faults: list[Stage]) -> None:
    records = with_change("10", post_summary_correction="Y")
    reason = changed("35".ljust(80), "35", psc_header_reason_1="H10")
    records[3:3] = [reason, *[changed("36".ljust(80), "36", psc_explanation="X" * 75)] * count]

    assert [fault.stage for fault in all_faults(batch(records))] == faults


def test_an_entry_without_any_date_is_refused() -> None:
    """Without the estimated date nothing says when the entry was."""
    fault = only_fault(with_change("11", estimated_entry_date=""))

    assert (fault.stage, fault.record, fault.start, fault.end) == (Stage.MAPPING, 3 + 13 + 1, 42, 47)
    assert "estimated_entry_date" in fault.wrong


def test_a_correction_needs_a_reason_and_an_explanation() -> None:
    """Records 35 or 63, and 36."""
    faults = all_faults(batch(with_change("10", post_summary_correction="Y")))

    assert [fault.stage for fault in faults] == [Stage.MAPPING, Stage.MAPPING]


def test_a_deletion_is_its_header_alone() -> None:
    """Nothing but the header is asked of a deletion."""
    (filing,) = filings(batch([changed(summary()[0], "10", action="D", electronic_signature="")]))

    assert filing.is_sound
    assert filing.action == "D"
    assert filing.summary is None


def test_all_faults_of_a_summary_are_reported_in_the_order_of_validation() -> None:
    """A fault of one stage hides none of another field's."""
    records = with_change("10", entry_number="03245270", entry_type="09", port_of_entry="3901")
    records[1] = changed(records[1], "11", import_date="133126", consignee="X")
    records[5] = changed(records[5], "50", value="")
    records.insert(9, "??".ljust(80))

    faults = all_faults(batch(records))

    assert [(fault.stage, fault.record) for fault in faults] == [
        (Stage.IDENTIFIER, 12),
        (Stage.ENVELOPE, 3),
        (Stage.CLASS, 8),
        (Stage.CHECK_DIGIT, 3),
        (Stage.DATES, 4),
        (Stage.CODES, 3),
        (Stage.CODES, 4),
    ]


def test_no_message_shows_a_password_or_a_personal_number() -> None:
    """Faults of importer fields show a shape, and the password field is not looked at."""
    file = batch(
        with_change("11", importer_of_record="123-45-678X", consignee="987-65-4321X"),
        summary(NUMBERS[1]),
        with_change("11", import_date="123456"),
    )
    file[0] = changed(file[0], "A", password="sEcr3t")
    text = repr(read(file)) + "".join(str(fault) for fault in all_faults(file))

    assert "123-45" not in text
    assert "987-65" not in text
    assert "sEcr3t" not in text


def test_the_password_is_not_kept() -> None:
    """Neither field values nor filings hold it."""
    file = batch(summary())
    file[0] = changed(file[0], "A", password="HIDDEN")

    assert "HIDDEN" not in repr(read(file))
    assert sound_numbers(file) == [NUMBERS[0]]


def test_a_fault_reads_as_one_line_with_place_and_remedy() -> None:
    """What a person sees."""
    (fault,) = all_faults(batch(with_change("10", entry_number="03245270")))

    assert str(fault) == (
        "batch 1, record 3, positions 9-16 (10 entry_number), check digit: "
        "B76-0324527 has check digit 8, not 0; correct the entry number"
    )
    assert fault.to_json()["start"] == 9
