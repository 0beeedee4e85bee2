"""The 53 kinds of post-release work, and whose each of them is.

The numbers are the rows of the division of labour and are stored, so they never change.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple


class WorkType(NamedTuple):
    """A kind of work: stored number, name, owner, joint owner, and the source of the division of labour."""

    number: int
    name: str
    owner: str
    joint: str
    source: str

    @property
    def bit(self) -> int:
        """The work type as a bit of a set of work types."""
        return 1 << self.number


REVIEW: Final = WorkType(1, "entry_summary_review", "center", "", "81 FR 92978")
FILING_CHECK: Final = WorkType(2, "entry_summary_filing_check", "center", "port", "19 CFR 142.12(b)")
REJECTION: Final = WorkType(
    3, "entry_summary_rejection", "center", "", "ACE Entry Summary Status Notification, disposition 4"
)
CANCELLATION: Final = WorkType(
    4, "entry_summary_cancellation", "center", "port", "ACE Entry Summary Status Notification, dispositions 5 and 6"
)
DOCUMENTS_REQUIRED: Final = WorkType(
    5, "documents_required", "center", "", "ACE Entry Summary Status Notification, dispositions 1 to 3"
)
INFORMAL_REVIEW: Final = WorkType(6, "informal_entry_review", "center", "", "81 FR 92978")
WITHDRAWAL_REVIEW: Final = WorkType(7, "warehouse_withdrawal_review", "center", "", "81 FR 92978")
QUOTA: Final = WorkType(8, "quota_processing", "center", "", "19 CFR part 132; 81 FR 92978")
TEMPORARY_IMPORTATION: Final = WorkType(9, "tib_control", "center", "port", "19 CFR 10.37")
RECONCILIATION: Final = WorkType(10, "reconciliation_review", "center", "", "19 USC 1484(b)(1); 19 USC 1504(a)(1)(D)")
CORRECTION_REVIEW: Final = WorkType(
    11, "post_summary_correction_review", "center", "", "84 FR 40430; ACE Entry Summary Create/Update"
)
CENSUS: Final = WorkType(12, "census_warning_resolution", "center", "", "ACE Entry Summary, record CW02")
INFORMATION_REQUEST: Final = WorkType(13, "request_for_information", "center", "", "CBP Form 28; ruling HQ 562084")
NOTICE_OF_ACTION: Final = WorkType(14, "notice_of_action", "center", "", "19 CFR 152.2")
CLASSIFICATION_DECISION: Final = WorkType(
    15, "classification_decision", "center", "", "ACE Entry Summary Status Notification, reason 003"
)
APPRAISEMENT_DECISION: Final = WorkType(
    16, "appraisement_decision", "center", "", "ACE Entry Summary Status Notification, reason 005"
)
ORIGIN_DECISION: Final = WorkType(17, "origin_and_preference_decision", "center", "", "81 FR 92978")
PREFERENCE_CLAIM: Final = WorkType(18, "preference_refund_claim", "center", "", "19 USC 1520(d)")
MARKING_NOTICE: Final = WorkType(19, "marking_notice", "center", "port", "19 CFR 134.3(b), 141.113(a); 19 USC 1304(i)")
REDELIVERY_NOTICE: Final = WorkType(20, "redelivery_notice", "center", "port", "19 CFR 141.113(a), (b)")
LABEL_OPPORTUNITY: Final = WorkType(21, "label_opportunity", "center", "", "19 CFR part 11")
IPR: Final = WorkType(22, "ipr_determination", "center", "port", "81 FR 92978; seizure stays with the port")
SAMPLING: Final = WorkType(23, "sampling_and_lab", "center", "port", "81 FR 92978")
AD_CVD_REVIEW: Final = WorkType(
    24, "antidumping_countervailing_review", "center", "", "ACE Entry Summary, record 53; UC reason 010"
)
INTERNAL_ADVICE: Final = WorkType(
    25, "internal_advice_request", "center", "headquarters", "CBP Trade Process Document 2017"
)
BOND_SUFFICIENCY: Final = WorkType(26, "bond_sufficiency", "revenue_division", "center", "19 CFR 113.14; 80 FR 70154")
BILL_ISSUED: Final = WorkType(27, "bill_issued", "center", "revenue_division", "19 USC 1505(b), (d)")
REFUND_DUE: Final = WorkType(28, "refund_due", "center", "revenue_division", "19 USC 1505(b); 19 USC 1504(a)(3)")
SCHEDULED_WATCH: Final = WorkType(
    29, "liquidation_scheduled", "center", "", "CBP practice: 314 days, weekly Friday cycle"
)
DEEMED_WATCH: Final = WorkType(30, "deemed_liquidation_watch", "center", "", "19 USC 1504(a)(1); 19 CFR 159.11")
EXTENSION: Final = WorkType(31, "liquidation_extension", "center", "", "19 USC 1504(b); 19 CFR 159.12")
SUSPENSION: Final = WorkType(32, "liquidation_suspension", "center", "", "19 USC 1504(c), (d)")
LIQUIDATION_POSTED: Final = WorkType(33, "liquidation_posted", "center", "", "19 USC 1514(c)(3), 1501")
RELIQUIDATION: Final = WorkType(34, "voluntary_reliquidation", "center", "", "19 USC 1501")
PROTEST: Final = WorkType(35, "protest", "center", "", "19 USC 1514(c)(3), 1515(a); 19 CFR 174.12, 174.21")
PROTEST_EXCLUSION: Final = WorkType(36, "protest_exclusion", "center", "port", "19 CFR 174.21(b)")
PROTEST_ACCELERATED: Final = WorkType(37, "protest_accelerated", "center", "", "19 USC 1515(b)")
FURTHER_REVIEW: Final = WorkType(38, "protest_further_review", "center", "headquarters", "19 USC 1515(a)")
SET_ASIDE: Final = WorkType(39, "protest_further_review_set_aside", "headquarters", "center", "19 USC 1515(c)")
VOID_REQUEST: Final = WorkType(40, "protest_denial_void_request", "center", "port", "19 USC 1515(d)")
SUMMONS_WATCH: Final = WorkType(41, "protest_summons_watch", "center", "", "19 CFR 174.31")
PENALTY: Final = WorkType(42, "petition_penalty", "port", "center", "19 CFR 171.2(b)")
LIQUIDATED_DAMAGES: Final = WorkType(43, "petition_liquidated_damages", "port", "center", "19 CFR 172.3")
DOMESTIC_PARTY: Final = WorkType(
    44, "domestic_interested_party_petition", "center", "headquarters", "19 USC 1516; 19 CFR part 175"
)
PRIOR_DISCLOSURE: Final = WorkType(45, "prior_disclosure", "center", "port", "19 USC 1592(c)(4)")
RECORDS_DEMAND: Final = WorkType(46, "recordkeeping_request", "center", "", "19 USC 1508(c)")
OWNER_DECLARATION: Final = WorkType(47, "owner_declaration", "center", "", "19 USC 1485(d)")
APPEAL: Final = WorkType(48, "center_assignment_appeal", "office_of_field_operations", "center", "19 CFR 101.10(c)")
CARGO_RELEASE: Final = WorkType(49, "cargo_release", "port", "", "81 FR 92978")
EXPORT_CONTROL: Final = WorkType(50, "export_control", "port", "", "81 FR 92978")
DRAWBACK: Final = WorkType(51, "drawback_claim", "drawback_office", "", "19 USC 1504(a)(2); 81 FR 92978")
SEIZURE: Final = WorkType(52, "seizure_and_forfeiture", "port", "", "81 FR 92978")
INQUIRY: Final = WorkType(53, "trade_inquiry", "center", "", "period: policy")

WORK_TYPES: Final[Mapping[int, WorkType]] = {
    work_type.number: work_type
    for work_type in (
        REVIEW,
        FILING_CHECK,
        REJECTION,
        CANCELLATION,
        DOCUMENTS_REQUIRED,
        INFORMAL_REVIEW,
        WITHDRAWAL_REVIEW,
        QUOTA,
        TEMPORARY_IMPORTATION,
        RECONCILIATION,
        CORRECTION_REVIEW,
        CENSUS,
        INFORMATION_REQUEST,
        NOTICE_OF_ACTION,
        CLASSIFICATION_DECISION,
        APPRAISEMENT_DECISION,
        ORIGIN_DECISION,
        PREFERENCE_CLAIM,
        MARKING_NOTICE,
        REDELIVERY_NOTICE,
        LABEL_OPPORTUNITY,
        IPR,
        SAMPLING,
        AD_CVD_REVIEW,
        INTERNAL_ADVICE,
        BOND_SUFFICIENCY,
        BILL_ISSUED,
        REFUND_DUE,
        SCHEDULED_WATCH,
        DEEMED_WATCH,
        EXTENSION,
        SUSPENSION,
        LIQUIDATION_POSTED,
        RELIQUIDATION,
        PROTEST,
        PROTEST_EXCLUSION,
        PROTEST_ACCELERATED,
        FURTHER_REVIEW,
        SET_ASIDE,
        VOID_REQUEST,
        SUMMONS_WATCH,
        PENALTY,
        LIQUIDATED_DAMAGES,
        DOMESTIC_PARTY,
        PRIOR_DISCLOSURE,
        RECORDS_DEMAND,
        OWNER_DECLARATION,
        APPEAL,
        CARGO_RELEASE,
        EXPORT_CONTROL,
        DRAWBACK,
        SEIZURE,
        INQUIRY,
    )
}
