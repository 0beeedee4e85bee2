"""Records of the sample: valid, adding up, the same everywhere, and whole when put together from parts."""

import hashlib
import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from fractions import Fraction
from heapq import merge
from itertools import islice
from typing import Any

import pytest

from streams.contract.codec import Codec
from streams.contract.errors import UndecodableRecord
from streams.contract.keys import account_key
from streams.contract.models import key_of, parse_event
from streams.customs.entry_number import entry_number_fault
from streams.customs.tariff import published_coverage, tariff_fault
from streams.sample.draws import quantile_table
from streams.sample.entry_numbers import check_digit, entry_number
from streams.sample.events import SampleEvent
from streams.sample.export import as_json
from streams.sample.goods import Catalogue
from streams.sample.national import NationalSample
from streams.sample.parameters import SampleParameters

BODIES = ("entry_summary_accepted", "entry_summary_replaced", "psc_accepted")
WITHOUT_IMPORTER = ("status_notification", "entry_summary_deleted")
GOLDEN = "9fb6b032c5d72b22f2919236e687d99e32db613c881003e6cf3e6851571a129f"


def digest(events: Iterable[SampleEvent]) -> str:
    """One hash of all that the events say."""
    found = hashlib.sha256()
    for event in events:
        found.update(json.dumps([event.name, event.fields, event.key.decode(), event.published_ms]).encode())
    return found.hexdigest()


@pytest.fixture(scope="module")
def village() -> NationalSample:
    return NationalSample(SampleParameters(scale=Fraction(1, 40_000)))


@pytest.fixture(scope="module")
def faulty() -> list[SampleEvent]:
    parameters = SampleParameters(scale=Fraction(1, 40_000), wrong_share=0.1)
    return list(NationalSample(parameters).events())


@pytest.fixture(scope="module")
def summaries(events: list[SampleEvent]) -> list[Any]:
    return [event.fields["summary"] for event in events if event.name in BODIES]


@pytest.fixture(scope="module")
def lines(summaries: list[Any]) -> list[Any]:
    return [line for summary in summaries for line in summary["lines"]]


def test_the_same_parameters_give_the_same_events_everywhere() -> None:
    assert digest(NationalSample(SampleParameters(scale=Fraction(1, 50_000))).events()) == GOLDEN


def test_another_seed_is_another_nation() -> None:
    assert digest(NationalSample(SampleParameters(scale=Fraction(1, 50_000), seed="other")).events()) != GOLDEN


def test_another_process_with_another_hash_seed_gives_the_same_events() -> None:
    program = (
        "from fractions import Fraction; from streams.sample.national import NationalSample;"
        "from streams.sample.parameters import SampleParameters;"
        "print(sum(e.published_ms * n for n, e in enumerate(NationalSample("
        "SampleParameters(scale=Fraction(1, 200_000))).events())))"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }

    assert len(printed) == 1


@pytest.mark.parametrize("parts", [2, 7])
def test_parts_merge_into_the_whole(village: NationalSample, parts: int) -> None:
    streams = [village.events(part, parts) for part in range(parts)]

    assert list(merge(*streams, key=lambda event: (event.published_ms, event.order))) == list(village.events())


def test_all_events_of_an_importer_are_in_one_part(village: NationalSample) -> None:
    keys = [{event.key for event in village.events(part, 4) if event.name not in WITHOUT_IMPORTER} for part in range(4)]

    assert sum(map(len, keys)) == len(set().union(*keys))


def test_a_part_is_made_without_the_others(sample: NationalSample) -> None:
    whole = sum(1 for _ in islice(sample.events(), 2000))
    part = next(sample.events(3, 4))

    assert whole == 2000
    assert part.published_ms < next(islice(sample.events(3, 4), 50, None)).published_ms


def test_every_event_can_be_encoded_and_comes_back(events: list[SampleEvent]) -> None:
    codec = Codec()

    for event in islice(events, 0, None, 5):
        name, fields = codec.decode(codec.encode(event.name, event.fields))
        assert name == event.name
        assert fields | event.fields == fields


def test_every_event_is_valid_as_a_publisher_sees_it(events: list[SampleEvent]) -> None:
    for event in islice(events, 0, None, 3):
        told = parse_event(json.loads(as_json(event)))
        assert event.name == told.RECORD
        assert key_of(told) == event.key


def test_every_event_has_the_key_of_its_importer_or_its_entry(events: list[SampleEvent]) -> None:
    for event in events:
        body: Any = event.fields.get("summary", event.fields)
        importer = body.get("importer_of_record")
        named = account_key(importer) if importer else body.get("entry_number") or f"inquiry:{body['inquiry_number']}"
        assert event.key.decode() == named
        assert bool(importer) == (event.name not in WITHOUT_IMPORTER) or event.name == "inquiry_received"


def test_an_event_published_twice_is_the_same_one(events: list[SampleEvent]) -> None:
    seen: dict[str, list[SampleEvent]] = defaultdict(list)
    for event in events:
        seen[str(event.fields["event_id"])].append(event)

    twice = [pair for pair in seen.values() if len(pair) > 1]
    assert len(twice) / len(seen) == pytest.approx(0.005, abs=0.002)
    assert all(one.fields == other.fields and one.key == other.key for one, other in twice)
    assert max(map(len, seen.values())) == 2


def test_every_entry_number_is_valid_and_of_one_summary(events: list[SampleEvent]) -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for event in events:
        body: Any = event.fields.get("summary", event.fields)
        if number := body.get("entry_number"):
            assert entry_number_fault(number) is None
            owners[number].add(str(event.fields["event_id"])[-12:])

    assert all(len(own) == 1 for own in owners.values())


@pytest.mark.parametrize(
    ("number", "digit"),
    [("B760324527", "8"), ("ABC1234567", "6"), ("9999999999", "0"), ("9ZZ1000001", "9"), ("SIZ4567890", "1")],
)
def test_check_digits_are_those_of_the_printed_table(number: str, digit: str) -> None:
    assert check_digit(number) == digit


def test_the_nation_has_enough_entry_numbers() -> None:
    ordinals = (0, 1, 9_999_999, 10_000_000, 36_699_999)
    numbers = {entry_number(ordinal, bits) for ordinal in ordinals for bits in (0, 1)}

    assert len(numbers) == 10
    assert all(entry_number_fault(number) is None for number in numbers)


def test_totals_are_the_sums_of_the_lines(summaries: list[Any]) -> None:
    for summary in summaries:
        lines = summary["lines"]
        totals = summary["totals"]
        assert totals["duty_cents"] == sum(t["duty_cents"] for line in lines for t in line["tariffs"])
        assert totals["fee_cents"] == sum(fee["amount_cents"] for line in lines for fee in line["fees"])
        for letter, name in (("A", "ad_cents"), ("C", "cvd_cents")):
            cases = [case for line in lines for case in line["ad_cvd"] if case["case_number"][0] == letter]
            assert totals[name] == sum(case["duty_cents"] for case in cases)


def test_processing_fees_keep_to_their_minimum_and_maximum(summaries: list[Any]) -> None:
    seen = Counter[str]()
    for summary in summaries:
        shares = [f["amount_cents"] for line in summary["lines"] for f in line["fees"] if f["class_code"] == "499"]
        if summary["entry_type"] in ("11", "12", "21", "22", "51", "52"):
            assert not shares
        elif shares:
            assert 3358 <= sum(shares) <= 65150
            seen[str(sum(shares))] += 1

    assert seen["3358"]
    assert seen["65150"]
    assert len(seen) > 100


def test_vessels_alone_pay_harbor_maintenance(summaries: list[Any]) -> None:
    for summary in summaries:
        for line in summary["lines"]:
            harbor = any(fee["class_code"] == "501" for fee in line["fees"])
            assert harbor == (summary["mode_of_transport"] == "11" and line["article_set"] != "V")


def test_informal_entries_are_small_and_pay_their_own_fee(summaries: list[Any]) -> None:
    informal = [summary for summary in summaries if summary["entry_type"] in ("11", "12")]

    assert informal
    for summary in informal:
        assert sum(tariff["value_usd"] for line in summary["lines"] for tariff in line["tariffs"]) <= 2500
        assert [fee["class_code"] for fee in summary["lines"][0]["fees"]].count("311") == 1
        assert summary["bond_waiver_reason"] == "999"


def test_antidumping_types_and_no_others_bear_cases(summaries: list[Any]) -> None:
    for summary in summaries:
        cases = [case["case_number"] for line in summary["lines"] for case in line["ad_cvd"]]
        assert bool(cases) == (summary["entry_type"] in ("03", "07", "34", "38"))
        assert all(len(case) == 10 and case[0] in "AC" and case[1:].isdigit() for case in cases)


def test_article_sets_have_a_header_worth_its_components(summaries: list[Any]) -> None:
    sets = 0
    for summary in summaries:
        headers = [line for line in summary["lines"] if line["article_set"] == "X"]
        components = [line for line in summary["lines"] if line["article_set"] == "V"]
        assert bool(headers) == bool(components)
        if headers:
            sets += 1
            (header,) = headers
            assert len(components) >= 2
            assert header["tariffs"][-1]["htsus"] == components[0]["tariffs"][-1]["htsus"]
            assert header["tariffs"][-1]["value_usd"] == sum(line["tariffs"][-1]["value_usd"] for line in components)
            assert not any(line["fees"] or line["tariffs"][-1]["duty_cents"] for line in components)
    assert sets / len(summaries) == pytest.approx(0.0125, abs=0.004)


def test_lines_have_a_heavy_tail(nation: NationalSample) -> None:
    parameters = SampleParameters(scale=Fraction(1, 1000))
    counts = sorted(nation_lines(NationalSample(parameters)))

    assert counts[len(counts) // 2] == 2
    assert sum(counts) / len(counts) == pytest.approx(4.0, abs=0.25)
    assert counts[int(len(counts) * 0.99)] == pytest.approx(40, abs=4)
    assert 400 < counts[-1] <= 998
    assert nation.parameters == parameters


def nation_lines(nation: NationalSample) -> Iterator[int]:
    """Count the lines that formal summaries of a sample are drawn with, without making the lines."""
    table = quantile_table(nation.parameters.lines_knots, 14)
    for stripe in nation.stripes:
        for step in range(nation.parameters.entry_days):
            for plan in stripe.plans(nation.parameters.first_entry_on.toordinal() + step):
                yield table[plan.seed >> 40 & 16383]


def test_line_ids_are_unique_in_a_summary(summaries: list[Any]) -> None:
    for summary in summaries:
        ids = [line["line_id"] for line in summary["lines"]]
        assert len(set(ids)) == len(ids) <= 998


def test_lines_carry_one_number_or_two_or_up_to_five(lines: list[Any]) -> None:
    counts = Counter(len(line["tariffs"]) for line in lines)

    assert set(counts) == {1, 2, 3, 4, 5}
    assert counts[1] / len(lines) == pytest.approx(0.75, abs=0.01)
    assert counts[2] / len(lines) == pytest.approx(0.15, abs=0.01)


def test_the_goods_own_number_stands_last_behind_chapters_98_and_99(lines: list[Any]) -> None:
    kinds: set[str] = set()
    for line in lines:
        numbers = [tariff["htsus"] for tariff in line["tariffs"]]
        assert all(tariff_fault(number) is None for number in numbers)
        assert not numbers[-1].startswith(("98", "99"))
        front = [number[:2] for number in numbers[:-1]]
        assert front == sorted(front)
        assert not any(tariff["value_usd"] for tariff in line["tariffs"][:-1])
        kinds.update(front)
    assert kinds == {"98", "99"}


def test_units_of_x_have_no_quantity_and_all_others_one(lines: list[Any]) -> None:
    units = set()
    for line in lines:
        (quantity,) = line["tariffs"][-1]["quantities"]
        units.add(quantity["unit"])
        assert (quantity["quantity_hundredths"] is None) == (quantity["unit"] == "X")
    assert {"X", "KG", "NO", "DOZ"} <= units


def test_every_center_has_goods_on_both_sides_of_the_finer_coverage(sample: NationalSample) -> None:
    coverage = published_coverage().in_force(20_000)
    catalogue = Catalogue(sample.parameters)

    assert sorted(catalogue.by_center) == list(range(1, 11))
    for center, goods in catalogue.by_center.items():
        assert len({good.htsus for good in goods}) == len(goods) > 50
        assert all(coverage.center(good.htsus) == center for good in goods)
    centers = {good.htsus[:6]: center for center, goods in catalogue.by_center.items() for good in goods}
    assert (centers["844331"], centers["844399"], centers["854430"], centers["940120"]) == (7, 10, 3, 3)


def test_chapters_hold_their_share_of_value(sample: NationalSample) -> None:
    catalogue = Catalogue(sample.parameters)
    total = sum(sample.parameters.center_numbers)
    value: Counter[str] = Counter()
    for center, goods in catalogue.by_center.items():
        for good in goods:
            value[good.htsus[:2]] += round(
                good.value_usd * 1e6 * sample.parameters.center_numbers[center - 1] / total / len(goods)
            )

    for chapter, share in sample.parameters.chapter_value_shares:
        assert value[chapter] / value.total() == pytest.approx(share, rel=0.01)


def test_replacements_change_what_they_replace(events: list[SampleEvent]) -> None:
    first: dict[str, Any] = {}
    changed = replaced = 0
    for event in sorted(events, key=lambda event: (event.name, event.published_ms)):
        summary: Any = event.fields.get("summary")
        if event.name == "entry_summary_accepted":
            first[summary["entry_number"]] = summary
        elif event.name == "entry_summary_replaced":
            before = first[summary["entry_number"]]
            assert summary["importer_of_record"] == before["importer_of_record"]
            assert summary["port_of_entry"] == before["port_of_entry"]
            assert (summary["version"], summary["accepted_at"]) > (before["version"], before["accepted_at"])
            if summary["entry_type"] not in ("11", "12"):
                replaced += 1
                changed += summary["lines"] != before["lines"]

    assert changed / replaced > 0.95


def test_nothing_is_wrong_unless_asked_for(events: list[SampleEvent]) -> None:
    assert not any(event.fault or event.raw for event in events)


def test_wrong_events_come_as_often_as_asked_for_and_name_their_fault(faulty: list[SampleEvent]) -> None:
    wrong = [event.fault for event in faulty if event.fault and not event.order & 1]

    assert len(wrong) / 918 == pytest.approx(0.1, abs=0.03)
    assert set(wrong) == {
        "false-check-digit",
        "replacement-older",
        "wrong-key",
        "future",
        "year-2099",
        "unknown-entry",
        "too-many-lines",
        "undecodable",
        "unknown-schema",
    }


def test_wrong_events_are_wrong_in_what_they_name_alone(faulty: list[SampleEvent]) -> None:
    codec = Codec()

    for event in faulty:
        if event.raw is not None:
            assert event.fault in ("undecodable", "unknown-schema")
            with pytest.raises(UndecodableRecord):
                codec.decode(event.raw)
            continue
        if event.fault:
            assert codec.decode(codec.encode(event.name, event.fields))[0] == event.name
        number = event.fields.get("entry_number")
        if number is not None:
            assert (entry_number_fault(str(number)) is not None) == (event.fault == "false-check-digit")
