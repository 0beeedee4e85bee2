"""Values as former versions of the program wrote them can be read for ever."""

from streams.customs.cases import Case
from streams.customs.entry_index import Holder
from streams.customs.entry_summary import Entry
from streams.customs.ledger import Ledger
from streams.customs.placement import Basis, HistoryClass, Override, Placement, Standing
from streams.customs.tariff_mix import CenterCount, DayCounts, Mix
from streams.engine.api import SourceRecord
from streams.processor.case_layout import load_case, load_holder
from streams.processor.entry_layout import load_entry
from streams.processor.ledger_layout import load_day, load_ledger
from streams.processor.waiting_layout import Waiting, load_waiting

ENTRY = Entry(
    generation=1,
    importer="12-345678900",
    ports=("2704", "1401"),
    entry_type="07",
    accepted_ms=1_772_460_000_000,
    version="00100",
    version_event=bytes(range(16)),
    corrected=True,
    called_for=2,
    asked=32,
    asked_day=20_520,
    import_day=20_500,
    summary_day=20_514,
    set_day=20_513,
    set_ms=1_772_460_000_001,
    filed_ms=1_772_460_000_002,
    rejected_ms=1_772_460_000_003,
    ended_ms=1_772_460_000_004,
    cancelled=True,
    deleted_ms=1_772_460_000_005,
    control_ms=1_772_460_000_006,
    cbp_control=True,
    paid_day=20_521,
    paid_ms=1_772_460_000_007,
    scheduled_day=20_522,
    scheduled_ms=1_772_460_000_008,
    liquidated_day=20_523,
    liquidated_ms=1_772_460_000_009,
    reliquidated_day=20_524,
    reliquidated_ms=1_772_460_000_010,
    noticed=(5, 1_772_460_000_011, 2),
    counted=((84713007, 2, 200), (61091004, 1, 1 << 40)),
    counted_day=20_514,
    open_cases=34,
    closed_cases=(2, 3, 1),
    told=128,
    waiting=True,
)
LEDGER = Ledger(
    Standing(
        Placement(
            7,
            20_514,
            firm=True,
            stale=True,
            history=HistoryClass.OVER_ONE_YEAR,
            policy_version="default",
            coverage_version="c1",
        ),
        Override(4, Basis.INTENDED_USE, "goods for hospitals, größtenteils", 20_000),
        Override(10, Basis.BROKER, "a broker", 21_000),
        eligible=False,
        challenger=4,
        challenger_since=20_500,
        flags=3,
        coverage_version="c2",
        last_cut=20_513,
        review_on=20_515,
    ),
    Mix(20_149, 1 << 365 | 5, 3, (CenterCount(4, 1, 100, 1), CenterCount(7, 2, 1 << 40, 2)), 20_000, 20_100),
    ("12-345678900", "12-3456789AB"),
    1_772_460_000_000,
    1_772_460_000_001,
)
DAY = DayCounts(3, (CenterCount(4, 1, 100, 1), CenterCount(7, 2, 200, 2)), {84713007: (2, 200), 61091004: (1, 100)})
RECORD = SourceRecord("entry-summary-event", 3, 1 << 40, 1_772_460_000_000, b"key", b"value", (("origin", b"x"),))


def test_version_1_of_an_entry_is_read() -> None:
    written = """
    01010f8000020000000000000020000000000000002200000000000000285014502250215029502a502b502c5022500043d9
    ae9c0100000143d9ae9c0100000243d9ae9c0100000343d9ae9c0100000443d9ae9c0100000543d9ae9c0100000643d9ae9c
    0100000743d9ae9c0100000843d9ae9c0100000943d9ae9c0100000a43d9ae9c010000000102030405060708090a0b0c0d0e
    0f010102003030313030303731322d33343536373839303032373034313430310000000002030000000100050b43d9ae9c01
    000002002f9e0c050200c800000000000000bc2ca40301000000000000010000
    """

    assert load_entry(bytes.fromhex(written)) == ENTRY


def test_version_1_of_a_ledger_is_read() -> None:
    written = """
    0137072250000002041450000003002150000023500000b54e000003000000204e0000844e00000043d9ae9c0100000143d9
    ae9c01000002022e000401000000640000000000000001000000070200000000000000000100000200000005000000000000
    0000000000000000000000000000000000000000000000000000000000000000000000000000200263320c31322d33343536
    37383930300c31322d3334353637383941420764656661756c740263310402204e00002300676f6f647320666f7220686f73
    706974616c732c206772c3b6c39f74656e7465696c730a05085200000800612062726f6b6572
    """

    assert load_ledger(bytes.fromhex(written)) == LEDGER


def test_version_1_of_a_day_is_read() -> None:
    written = """
    010300000002020004010000006400000000000000010000000702000000c800000000000000020000002f9e0c0502000000
    c800000000000000bc2ca403010000006400000000000000
    """

    assert load_day(bytes.fromhex(written)) == DAY


def test_version_1_of_a_case_is_read() -> None:
    written = """
    01180107020005000000010043d9ae9c0100004237363033323435323738
    """

    assert load_case(bytes.fromhex(written)) == Case(
        24, "B7603245278", 1, 7, 2, 5, taken=True, opened_ms=1_772_460_000_000
    )


def test_version_1_of_a_holder_is_read() -> None:
    written = """
    010131322d33343536373839
    """

    assert load_holder(bytes.fromhex(written)) == Holder("12-3456789", 1)


def test_version_1_of_a_waiting_is_read() -> None:
    written = """
    01000209cf9c0100000300000000000000000100000043d9ae9c0100000113000000656e7472792d73756d6d6172792d6576
    656e74030000006b65790500000076616c7565060000006f726967696e0100000078
    """

    assert load_waiting(bytes.fromhex(written)) == (Waiting(1_773_000_000_000, RECORD),)
