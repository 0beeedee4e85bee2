"""The switches of placement: each has its number in the list of policies (P1 ...), its default, and its check.

Settings are refused that are unknown or contradict each other: a switch that is accepted does what it says.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple, NoReturn

from streams.customs.importer_number import AccountKey
from streams.customs.tariff import CoverageBook, Day


class InvalidPolicy(ValueError):  # noqa: N818 - it names what is wrong with the settings, not with the program
    """Settings that make no policy; the text is one sentence that begins with the key."""


class History(StrEnum):
    """P3: what is told of the history of an importer's entries (19 CFR 101.10(c)(5))."""

    WITH_PLACEMENT = "with_placement"
    """Its class as it was when the importer was placed, moved or made firm, beside the placement."""


class Measure(StrEnum):
    """P4: by what the predominant goods are found."""

    LINES = "lines"
    """Number of voting lines."""
    VALUE = "value"
    """Value of the voting lines."""
    ENTRY_SUMMARIES = "entry_summaries"
    """Number of entry summaries with a voting line."""
    LINES_THEN_VALUE = "lines_then_value"
    """Lines; of Centers with equally many, the one with the higher value, even against the present Center."""


class Predominance(StrEnum):
    """P6: what makes goods predominant."""

    PLURALITY = "plurality"
    """More than any other Center has."""
    MAJORITY = "majority"
    """More than all other Centers have together; as long as no Center has that, nothing moves."""


class WarehouseGoods(StrEnum):
    """P9: when goods that pass a bonded warehouse count, once of the two times that they are filed."""

    WITHDRAWALS = "withdrawals"
    """When they leave it (types 31, 32, 34, 38)."""
    ENTRIES = "entries"
    """When they enter it (type 21)."""


class BrokerImporter(StrEnum):
    """P11: where the work of a broker goes that is importer of record itself."""

    BY_OWN_HEADING = "by_own_heading"
    """The broker is in no Center: each entry summary goes by its own predominant goods, and is marked."""
    AS_IMPORTER = "as_importer"
    """The broker is placed like any importer."""


class CoverageChange(StrEnum):
    """P12: what a new version of the coverage does."""

    PROPOSE = "propose"
    """Where it would lead elsewhere, that is proposed; entries from its first day on count under it."""


class Tie(StrEnum):
    """P13: who leads where several Centers have equally much."""

    PRESENT_THEN_VALUE_THEN_RECENT_THEN_NUMBER = "present_value_recent_number"
    """The present Center; else higher value; else the more recent entry; else the lower Center number."""


class WorkInFlight(StrEnum):
    """P14: what becomes of open cases when the importer's Center changes; each always lies on one desk."""

    TAKEN_STAYS = "taken_stays"
    """What a Center has taken up stays there until it is closed; everything else follows the importer."""
    STAY = "stay"
    """What lies with a Center stays there until it is closed; only what waited for one follows."""
    TRANSFER_OPEN = "transfer_open"
    """Every open case follows, also one that is taken up: the next Center takes it up anew."""


class OlderWork(StrEnum):
    """P15: whose post-release work on older entries is."""

    PRESENT_CENTER = "present_center"
    """The account's present Center's, unless the case is open already."""


class WithoutCenter(StrEnum):
    """P16, P17: where the work of importers without a Center goes."""

    OWN_TOPIC = "own_topic"
    """To a topic of its own, with the port."""


class Appeals(StrEnum):
    """P19: what an appeal against the placement does while nobody has decided on it."""

    PLACEMENT_STAYS = "placement_stays"
    """Nothing: the placement stays until the appeal is granted."""


class ImporterNotice(StrEnum):
    """P20: when the importer hears of its placement; no delivery is promised."""

    EVERY_CHANGE = "every_change"
    """Each decision that changes something is published, to make a notice from."""


class LateEvents(StrEnum):
    """P21: what an event does that comes late."""

    COUNT_BY_ENTRY_DATE = "count_by_entry_date"
    """It counts on its entry day; later cuts see it, earlier ones stand, and no closed case moves."""


_WITHDRAWALS: Final = frozenset({"31", "32", "34", "38"})
_WAREHOUSE_ENTRY: Final = frozenset({"21"})
_REWAREHOUSE: Final = "22"
_OTHER_TYPES: Final = frozenset({"01", "02", "03", "06", "07", "11", "12", "23", "51", "52"})
_TEN_YEARS: Final = 3_660


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementPolicy:
    """How importers are placed. Values are checked when the policy is made. Raises `InvalidPolicy`."""

    version: str = "default"
    """Name of this set of switches, shown in the evidence of what it decides."""
    window_days: int = 365
    """P1: how many days back from a daily cut an entry date may lie to count."""
    minimum_summaries: int = 1
    """P2: accepted summaries with a voting line that give a first, provisional placement."""
    firm_lines: int = 20
    """P2: voting lines in the window without which a placement stays provisional."""
    firm_days: int = 90
    """P2: days since the first entry without which a placement stays provisional."""
    history: History = History.WITH_PLACEMENT
    """P3."""
    measure: Measure = Measure.LINES
    """P4."""
    high_value_percent: int = 0
    """P5: share of value at which another Center than the importer's is flagged for review; 0 turns it off."""
    predominance: Predominance = Predominance.PLURALITY
    """P6."""
    flag_below_percent: int = 40
    """P6: share of the leading Center below which a placement is flagged; 0 turns it off."""
    lead_points: int = 10
    """P7: points of share by which a challenger must lead the present Center of a firm placement."""
    dwell_cuts: int = 90
    """P8: consecutive daily cuts at which it must lead by them."""
    settled_days: int = 180
    """P8: age in days of the present placement before it can move."""
    entry_types: frozenset[str] = _OTHER_TYPES
    """P9: types that count, those of warehouses aside."""
    warehouse_goods: WarehouseGoods = WarehouseGoods.WITHDRAWALS
    """P9: which warehouse types count besides; a re-warehouse entry (22) never does."""
    account_key: AccountKey = AccountKey.BASE
    """P10."""
    broker_importer: BrokerImporter = BrokerImporter.BY_OWN_HEADING
    """P11."""
    coverage_change: CoverageChange = CoverageChange.PROPOSE
    """P12."""
    tie: Tie = Tie.PRESENT_THEN_VALUE_THEN_RECENT_THEN_NUMBER
    """P13."""
    work_in_flight: WorkInFlight = WorkInFlight.TAKEN_STAYS
    """P14."""
    older_work: OlderWork = OlderWork.PRESENT_CENTER
    """P15."""
    pending: WithoutCenter = WithoutCenter.OWN_TOPIC
    """P16: importers that no Center has yet."""
    not_eligible: WithoutCenter = WithoutCenter.OWN_TOPIC
    """P17: importers that no Center takes."""
    stale_after_days: int = 365
    """P18: days after the last entry for which a placement is kept before it is stale."""
    appeals: Appeals = Appeals.PLACEMENT_STAYS
    """P19."""
    importer_notice: ImporterNotice = ImporterNotice.EVERY_CHANGE
    """P20."""
    late_events: LateEvents = LateEvents.COUNT_BY_ENTRY_DATE
    """P21."""
    counting_types: frozenset[str] = field(init=False, repr=False)
    """P9: all entry types that count."""

    def __post_init__(self) -> None:
        """Check every switch and how they go together."""
        if not self.version:
            _refuse("version", "a policy has a name")
        for key, (low, high) in BOUNDS.items():
            if not low <= getattr(self, key) <= high:
                _refuse(key, f"a whole number from {low} to {high} is needed")
        if self.firm_lines < self.minimum_summaries:
            _refuse("firm_lines", "a firm placement cannot need fewer lines than minimum_summaries, with a line each")
        self._check_entry_types()
        warehouse = _WITHDRAWALS if self.warehouse_goods is WarehouseGoods.WITHDRAWALS else _WAREHOUSE_ENTRY
        object.__setattr__(self, "counting_types", self.entry_types | warehouse)

    def _check_entry_types(self) -> None:
        if _REWAREHOUSE in self.entry_types:
            _refuse("entry_types", "re-warehouse entries (22) never count, their goods are counted already")
        if self.entry_types & (_WITHDRAWALS | _WAREHOUSE_ENTRY):
            _refuse("entry_types", "warehouse types are chosen by warehouse_goods, or goods would count twice")
        if not self.entry_types or self.entry_types - _OTHER_TYPES:
            _refuse("entry_types", f"one or more of {', '.join(sorted(_OTHER_TYPES))} are needed")

    def counts(self, entry_type: str) -> bool:
        """P9: tell whether summaries of an entry type count for placement."""
        return entry_type in self.counting_types

    @classmethod
    def from_settings(cls, settings: Mapping[str, object]) -> "PlacementPolicy":
        """Return the policy of settings as plain values: whole numbers, words, lists of entry types.

        What they leave out has its default. Raises `InvalidPolicy` for an unknown key, a value that its key does not
        take, and settings that contradict each other.
        """
        for key in settings:
            if key not in _SETTINGS:
                _refuse(key, f"there is no such switch; there are {', '.join(_SETTINGS)}")
        return cls(**{key: _SETTINGS[key](key, value) for key, value in settings.items()})  # type: ignore[arg-type]

    @classmethod
    def from_words(cls, words: Iterable[tuple[str, Sequence[str]]]) -> "PlacementPolicy":
        """Return the policy of switches as records have them: every value a text, several only for a list.

        Raises `InvalidPolicy`, also for a switch that is named twice.
        """
        settings: dict[str, object] = {}
        for key, values in words:
            if key in settings:
                _refuse(key, "a switch is named once")
            settings[key] = _value_of(key, values)
        return cls.from_settings(settings)

    def as_words(self) -> dict[str, tuple[str, ...]]:
        """Return every switch as records have it."""
        return {key: _words_of(getattr(self, key)) for key in _SETTINGS}


def _value_of(key: str, values: Sequence[str]) -> object:
    if _SETTINGS.get(key) is _types:
        return tuple(values)
    if len(values) != 1:
        _refuse(key, "one value is needed")
    [text] = values
    return int(text) if key in BOUNDS and text.isascii() and text.isdigit() else text


def _words_of(value: object) -> tuple[str, ...]:
    return tuple(sorted(value)) if isinstance(value, frozenset) else (str(value),)


def _refuse(key: str, why: str) -> NoReturn:
    msg = f"{key}: {why}"
    raise InvalidPolicy(msg)


def _text(key: str, value: object) -> str:
    return value if isinstance(value, str) else _refuse(key, "a text is needed")


def _whole(key: str, value: object) -> int:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return value if is_whole and isinstance(value, int) else _refuse(key, "a whole number is needed")


def _types(key: str, value: object) -> frozenset[str]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        _refuse(key, "a list of two-digit entry types is needed")
    return frozenset(_text(key, entry_type) for entry_type in value)


def _one_of(choices: type[StrEnum]) -> Callable[[str, object], StrEnum]:
    accepted = {choice.value: choice for choice in choices}

    def chosen(key: str, value: object) -> StrEnum:
        known = accepted.get(value) if isinstance(value, str) else None
        return known or _refuse(key, f"{value!r} has no behaviour; one of {', '.join(accepted)} is needed")

    return chosen


BOUNDS: Final = MappingProxyType(
    {
        "window_days": (1, _TEN_YEARS),
        "minimum_summaries": (1, 1_000_000),
        "firm_lines": (1, 1_000_000),
        "firm_days": (0, _TEN_YEARS),
        "high_value_percent": (0, 100),
        "flag_below_percent": (0, 100),
        "lead_points": (0, 100),
        "dwell_cuts": (1, _TEN_YEARS),
        "settled_days": (0, _TEN_YEARS),
        "stale_after_days": (1, _TEN_YEARS),
    }
)

_SETTINGS: Final[Mapping[str, Callable[[str, object], object]]] = MappingProxyType(
    {"version": _text}
    | dict.fromkeys(BOUNDS, _whole)
    | {
        "history": _one_of(History),
        "measure": _one_of(Measure),
        "predominance": _one_of(Predominance),
        "entry_types": _types,
        "warehouse_goods": _one_of(WarehouseGoods),
        "account_key": _one_of(AccountKey),
        "broker_importer": _one_of(BrokerImporter),
        "coverage_change": _one_of(CoverageChange),
        "tie": _one_of(Tie),
        "work_in_flight": _one_of(WorkInFlight),
        "older_work": _one_of(OlderWork),
        "pending": _one_of(WithoutCenter),
        "not_eligible": _one_of(WithoutCenter),
        "appeals": _one_of(Appeals),
        "importer_notice": _one_of(ImporterNotice),
        "late_events": _one_of(LateEvents),
    }
)


class PlacementRules(NamedTuple):
    """The rules in force from a day on, and those before them, so that each daily cut is folded under its own."""

    policy: PlacementPolicy
    coverage: CoverageBook
    begins: Day = 0
    """First daily cut that is folded under these rules; 0 for those that have always been."""
    earlier: "PlacementRules | None" = None
    accounts: Mapping[str, str] = MappingProxyType({})
    """P10: the account table, importer number to account; of no effect unless the policy says so."""
    regrouped: frozenset[str] | None = frozenset()
    """Numbers whose account these or earlier rules have made another than their base; None where any may be."""

    def account_of(self, number: str, base: str) -> str:
        """P10: Return the account that an importer number with this base belongs to."""
        key = self.policy.account_key
        if key is AccountKey.TABLE:
            return self.accounts.get(number, base)
        return number if key is AccountKey.NUMBER else base

    def at(self, day: Day) -> "PlacementRules":
        """Return the rules in force on a day."""
        rules = self
        while day < rules.begins and rules.earlier is not None:
            rules = rules.earlier
        return rules

    def first_change_after(self, day: Day) -> Day:
        """Return the first day after `day` on which the rules change; 0 if they do not."""
        rules, change = self, 0
        while rules.begins > day and rules.earlier is not None:
            rules, change = rules.earlier, rules.begins
        return change
