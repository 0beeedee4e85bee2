"""A broker that is importer of record itself: its goods are its clients', and tell nothing of an industry (P11).

The special rule that press reports mention was not seen; so this is a policy, and headquarters' word stands above it.
"""

from streams.customs.decision import DecisionKind, Note, moved_kind
from streams.customs.evidence import Review
from streams.customs.policy import BrokerImporter
from streams.customs.standing import Standing


def with_broker(standing: Standing, review: Review) -> tuple[Standing, list[Note]]:
    """Let each entry summary of a broker go by its own goods, or no longer, as file and policy say."""
    singly = standing.broker and review.rules.policy.broker_importer is BrokerImporter.BY_OWN_HEADING
    if singly == standing.singly:
        return standing, []
    after = standing._replace(singly=singly)
    kind = moved_kind(standing) if after.center != standing.center else DecisionKind.CONFIRMED
    sentence = (
        "The importer is a broker: each entry summary goes by its own predominant goods (P11)."
        if singly
        else "The importer is placed as a whole again (P11)."
    )
    return after, [(kind, sentence)]
