"""Every assumption of the national sample, with its default and its reason.

Figures come from the volumes that CBP publishes where there are any; what nobody publishes is marked as
assumed. Shares are fractions of 1.
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from streams.sample.checks import MAX_LINES, check

Knots = tuple[tuple[float, float], ...]
Classes = tuple[tuple[float, int, int], ...]
Weights = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleParameters:
    """What the sample is made from; the same parameters give the same events on every machine."""

    seed: str = "national"
    """Any text: another seed is another nation."""

    scale: Fraction = Fraction(1, 1000)
    """Share of the nation's summaries; 1/1000 is 36,700 of them."""

    summaries: int = 36_700_000
    """Summaries at scale 1: fiscal year 2023, spread here over all entry days of the sample."""

    importers: int = 330_000
    """Importers at scale 1: 330,566 paid tariffs between February 2025 and March 2026, a lower bound."""

    importers_at_least: int = 1_000
    """A small sample keeps this many importers (one per ten summaries at most), or "the top 1 %" would be
    three firms and some Centers would have none. Assumed."""

    stripes: int = 60
    """Importers are dealt into this many groups that are generated apart; a part is one or more of them."""

    first_entry_on: date = date(2025, 1, 1)
    last_entry_on: date = date(2026, 2, 28)
    """14 months of entry days: more than the look-back window of 365 days."""

    end_on: date = date(2026, 8, 31)
    """The last day whose events have happened; what would come later is left out."""

    weekday_weights: tuple[float, ...] = (1.0, 1.02, 1.02, 1.02, 1.0, 0.22, 0.12)
    """Entries by day of the week, Monday first. Assumed."""

    month_weights: tuple[float, ...] = (2.75, 2.7, 2.75, 2.75, 2.75, 2.75, 2.8, 2.8, 2.85, 2.8, 2.8, 2.5)
    """Millions of summaries by month, January first: monthly updates of 2023 to 2025, gaps filled by eye."""

    peak_factor: float = 5.0
    """The busiest hour of a day against the day's average hour. Assumed."""

    # --- importers ------------------------------------------------------------------------------------------

    top_share: float = 0.01
    top_holds: float = 0.5
    """The largest 1 % of importers hold half of the summaries, by a power law. Assumed."""

    head_offset: float = 0.005
    """Flattens the head of the power law, as a share of all importers: no importer dwarfs the next. Assumed."""

    concentrated_share: float = 0.85
    """Importers with more than 90 % of their lines in one Center; the rest are mixed. Assumed."""

    tie_of_mixed: float = 1 / 3
    """Of the mixed ones, those whose two first Centers are within a few points of each other. Assumed."""

    switching_of_large: float = 0.15
    """Large concentrated importers that move their trade into another Center's goods. Assumed."""

    large_importer_summaries: int = 60
    """From how many expected summaries on an importer is large: fewer never show a switch within the sample."""

    switch_between_days: tuple[int, int] = (95, 130)
    """Days after the first entry day on which they move: late enough for the first placement to be firm (90
    days), early enough for a lead of 10 points over 90 daily cuts within 14 months."""

    override_share: float = 0.003
    """Importers that headquarters places by hand (one at least). Assumed."""

    not_eligible_share: float = 0.002
    """Importers that are declared not eligible for a Center. Assumed."""

    port_classes: Classes = ((0.60, 1, 1), (0.33, 2, 5), (0.07, 6, 60))
    """Share of importers, fewest and most ports: the examples of 10 and of 60 ports. Assumed."""

    assigned_number_share: float = 0.04
    social_security_share: float = 0.01
    """Importers known by a number that CBP assigned, and by a person's number; all others by an IRS number."""

    suffix_share: float = 0.08
    """Of the IRS numbers, those that import under two to four suffixes. Assumed."""

    # --- summaries and lines --------------------------------------------------------------------------------

    lines_knots: Knots = (
        (0.0, 1),
        (0.45, 1),
        (0.46, 2),
        (0.75, 3),
        (0.92, 6),
        (0.97, 13.5),
        (0.99, 40),
        (0.999, 125),
        (1.0, MAX_LINES),
    )
    """Quantiles of lines per summary, log-linear in between: median 2, mean 4, 99th percentile 40. Assumed."""

    tariff_classes: Classes = ((0.75, 1, 1), (0.15, 2, 2), (0.10, 3, 5))
    """Share of lines, fewest and most tariff numbers: trade remedies put chapter 99 numbers in front. Assumed."""

    goods_value_usd: int = 3_330_000_000_000
    """Goods value of the nation's summaries, fiscal year 2023."""

    center_numbers: tuple[int, ...] = (2078, 3052, 659, 4354, 1527, 287, 484, 1833, 2067, 2285)
    """Ten-digit tariff numbers per Center, 001 first: the weight of a Center's goods among lines."""

    chapter_value_shares: Weights = (
        ("85", 0.146),
        ("84", 0.145),
        ("87", 0.12),
        ("27", 0.084),
        ("30", 0.056),
        ("90", 0.037),
        ("71", 0.028),
        ("39", 0.023),
        ("94", 0.022),
        ("29", 0.021),
    )
    """Share of import value by chapter, calendar 2023; the other chapters share the rest by their lines."""

    entry_types: Weights = (
        ("01", 0.735),
        ("11", 0.13),
        ("03", 0.035),
        ("06", 0.04),
        ("31", 0.016),
        ("21", 0.012),
        ("02", 0.012),
        ("23", 0.006),
        ("07", 0.002),
        ("12", 0.003),
        ("22", 0.001),
        ("32", 0.001),
        ("34", 0.001),
        ("38", 0.001),
        ("51", 0.002),
        ("52", 0.003),
    )
    """Share of summaries by entry type. Assumed: none is published."""

    article_set_share: float = 0.015
    """Summaries in which a set (a header and its components) stands in place of one line. Assumed."""

    census_warning_share: float = 0.01
    """Summaries accepted with an unresolved Census warning. Assumed."""

    preference_share: float = 0.5
    """Goods of Canada and Mexico that are entered free under the trade agreement. Assumed."""

    mpf_per_million: int = 3464
    mpf_min_cents: int = 3358
    mpf_max_cents: int = 65150
    """Formal merchandise processing fee of fiscal year 2026: 0.3464 %, at least 33.58 and at most 651.50
    dollars a summary; lines carry shares that add up to it."""

    informal_fee_cents: int = 269
    """Informal entry fee of a summary of type 11 or 12. Assumed."""

    hmf_per_million: int = 1250
    """Harbor maintenance fee of vessel cargo, 0.125 % of value (19 CFR 24.24)."""

    informal_limit_usd: int = 2500
    """An informal entry is worth no more than this."""

    # --- life cycle -----------------------------------------------------------------------------------------

    filed_event_share: float = 0.65
    """Summaries whose entry was reported by itself before; the other ports report the summary alone. Assumed."""

    before_release_share: float = 0.35
    """Summaries accepted before release: their entry date arrives as an event of its own. Assumed."""

    late_filing_share: float = 0.01
    """Summaries filed after the ten working days that the law gives. Assumed."""

    replacement_share: float = 0.08
    """Summaries replaced, those after a rejection included. Assumed."""

    psc_share: float = 0.03
    rejected_share: float = 0.02
    """Summaries corrected after payment, and rejected by CBP (each is then replaced). Assumed."""

    cancelled_share: float = 0.005
    inactivated_share: float = 0.001
    deleted_share: float = 0.001
    """Summaries that cease to count: by CBP, by CBP, by the filer before CBP has control. Assumed."""

    documents_share: float = 0.02
    """Summaries for which CBP asks for documents (dispositions 1 to 3). Assumed."""

    request_share: float = 0.005
    notice_share: float = 0.003
    answered_share: float = 0.7
    """Requests for information (Form 28), notices of action (Form 29), and how many are answered. Assumed."""

    port_notice_share: float = 0.06
    """Summaries about which a port reports what stays with it: release, examination, sampling. Assumed."""

    extension_share: float = 0.01
    """Summaries whose liquidation is extended: they are not liquidated within the sample. Assumed."""

    liquidation_days: int = 314
    """From entry to scheduled liquidation, moved to the next Friday: CBP practice."""

    protest_share: float = 0.001
    protest_entries: Knots = ((0.0, 1), (0.5, 2), (0.9, 12), (0.99, 80), (1.0, 200))
    protest_filed_days: tuple[int, int] = (20, 60)
    """Protests per liquidated summary, quantiles of the entries they cover, days from the first liquidation to
    filing (the law gives 180). Assumed."""

    inquiry_share: float = 0.0005
    """Questions of the trade per summary, a fifth of them without an importer. Assumed."""

    # --- delivery -------------------------------------------------------------------------------------------

    duplicate_share: float = 0.005
    """Events published twice: at least once delivery by ports. Assumed."""

    out_of_order_share: float = 0.02
    """Events published some hours late, so that younger events overtake them. Assumed."""

    late_share: float = 0.001
    late_days: tuple[int, int] = (1, 7)
    """Events published more than a day late, and by how many days. Assumed."""

    wrong_share: float = 0.0
    """Events that are wrong on purpose, per summary: none unless asked for."""

    def __post_init__(self) -> None:
        """Refuse parameters that contradict themselves or the limits of the law and the format."""
        check(self)

    @property
    def total_summaries(self) -> int:
        """Summaries of this sample."""
        return round(self.summaries * self.scale)

    @property
    def total_importers(self) -> int:
        """Importers of this sample."""
        return max(1, round(self.importers * self.scale), min(self.importers_at_least, self.total_summaries // 10))

    @property
    def entry_days(self) -> int:
        """Entry days of the sample, both ends included."""
        return (self.last_entry_on - self.first_entry_on).days + 1
