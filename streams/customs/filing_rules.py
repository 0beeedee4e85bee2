"""The rules that notices, answers, claims, petitions and inquiries can break."""

from typing import Final

from streams.customs.rules import Rule

KNOWN_NOTICE: Final = Rule(
    "answer.known_notice",
    "An answer names a notice that is open for the importer.",
    "19 CFR 151.11, 152.2",
    "check the notice's number and kind",
)
PREFERENCE_IN_TIME: Final = Rule(
    "claim.preference_within_a_year",
    "A preference that was not claimed at entry is claimed within one year of importation.",
    "19 USC 1520(d)",
    "none: the claim is too late",
)
PREFERENCE_DATED: Final = Rule(
    "claim.preference_is_dated",
    "A claim for a preference names the date of importation, or an entry that has one.",
    "19 USC 1520(d)",
    "file it again with the date of importation",
)
OWNER_IN_TIME: Final = Rule(
    "claim.owner_declared_within_90_days",
    "The owner is declared within 90 days of the entry of goods that the importer of record has entered.",
    "19 USC 1485(d)",
    "none: the importer of record stays liable",
)
OWNER_OF_ENTRY: Final = Rule(
    "claim.names_a_known_entry",
    "A declaration of the owner names an entry of the importer.",
    "19 USC 1485(d)",
    "file it again with the entry number",
)
IMPORTATION_EXTENDED: Final = Rule(
    "claim.importation_three_years_at_most",
    "A temporary importation is extended by a year at a time, to three years in all.",
    "19 CFR 10.37",
    "export or destroy the goods, and prove it",
)
PETITION_IN_TIME: Final = Rule(
    "petition.in_time",
    "A petition comes within the time that its notice opened.",
    "19 CFR 171.2(b), 172.3",
    "none: the case goes on without petition",
)
OPEN_PETITION: Final = Rule(
    "petition.is_open",
    "A decision on a petition names one that is open.",
    "19 CFR 171.21, 172.21",
    "check the petition number",
)
INQUIRY_SUBJECT: Final = Rule(
    "inquiry.names_its_subject",
    "An inquiry names an importer, an entry, a tariff number or an industry.",
    "service of the Centers to the trade",
    "ask again and say what goods it is about",
)
CASE_HOLDS_AT_MOST: Final = Rule(
    "case.holds_at_most",
    "A case holds at most 1,000 entries, 1,000 lines, and 400 notices or filings; what is more is told by another.",
    "limit of this system",
    "publish it in parts, each with a number of its own",
)
UNKNOWN_DISCLOSURE: Final = Rule(
    "notice.of_an_open_disclosure",
    "A notice of the unpaid amount answers an open prior disclosure of the importer.",
    "19 USC 1592(c)(4)",
    "check the importer's number",
)

FILING_RULES: Final = (
    KNOWN_NOTICE,
    PREFERENCE_IN_TIME,
    PREFERENCE_DATED,
    OWNER_IN_TIME,
    OWNER_OF_ENTRY,
    IMPORTATION_EXTENDED,
    PETITION_IN_TIME,
    OPEN_PETITION,
    INQUIRY_SUBJECT,
    CASE_HOLDS_AT_MOST,
    UNKNOWN_DISCLOSURE,
)
