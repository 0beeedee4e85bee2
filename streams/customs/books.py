"""Where an importer's account keeps what it knows; the seam in `streams/processor` lays it into the state."""

from typing import Protocol

from streams.customs.appeal import Appeal
from streams.customs.cases import Case
from streams.customs.casework import CaseFile
from streams.customs.entry_summary import Entry
from streams.customs.ledger import Ledger
from streams.customs.matters import Matter
from streams.customs.tariff import Day
from streams.customs.tariff_mix import CountedDays


class Books(CaseFile, Protocol):
    """The records of one account: none of them grows with the number of its entries."""

    @property
    def days(self) -> CountedDays:
        """What is counted for each entry day."""

    def ledger(self) -> Ledger | None:
        """Return placement and totals, or None for an importer never heard of."""

    def keep_ledger(self, ledger: Ledger, former_review: Day) -> None:
        """Keep placement and totals, and list the account under the day of its next review instead of the former."""

    def appeal(self, number: str) -> Appeal | None:
        """Return an appeal against the account's placement."""

    def keep_appeal(self, number: str, appeal: Appeal) -> None:
        """Keep an appeal as it now stands."""

    def entry(self, number: str) -> Entry | None:
        """Return an entry in its latest generation."""

    def keep_entry(self, number: str, entry: Entry) -> None:
        """Keep an entry as it now stands."""

    def drop_entry(self, number: str) -> None:
        """Forget an entry of which nothing is known."""

    def version(self, number: str, generation: int, name: str) -> tuple[Entry, bytes] | None:
        """Return a version of a corrected summary with its bytes as they came."""

    def keep_version(self, number: str, generation: int, name: str, entry: Entry, body: bytes) -> None:
        """Keep a version of a corrected summary beside the entry, in place of one of the same name."""

    def archive_entry(self, number: str, entry: Entry) -> None:
        """Put a generation aside whose entry number is used again."""

    def cases_after(self, case_id: str, most: int) -> list[tuple[str, Case]]:
        """Return up to so many open cases of entries, in the order of their names, after a name."""

    def matter(self, case_id: str) -> Matter | None:
        """Return an open matter."""

    def keep_matter(self, case_id: str, matter: Matter) -> None:
        """Keep a matter as it now stands."""

    def drop_matter(self, case_id: str) -> None:
        """Forget a closed matter."""

    def matters_after(self, case_id: str, most: int) -> list[tuple[str, Matter]]:
        """Return up to so many open matters, in the order of their names, after a name."""

    def note(self, name: str) -> str:
        """Return what a name leads to (a reference to its case, an entry to its protest); empty if it is unknown."""

    def keep_note(self, name: str, value: str) -> None:
        """Let a name lead to something; an empty value forgets it."""

    def notes_under(self, start: str) -> list[tuple[str, str]]:
        """Return the names that begin so, and what they lead to, in their order."""

    def list_due(self, name: str, former: Day, day: Day) -> None:
        """List an entry or a matter under the day on which its clocks are to be looked at; 0 stands for none."""

    def transfer_from(self, case_id: str | None) -> None:
        """Remember after which case a transfer has to go on; None ends it."""

    def summary(self, number: str, generation: int) -> bytes | None:
        """Return the current summary of an entry as it came."""

    def keep_summary(self, number: str, generation: int, body: bytes, *, replaces: bool) -> None:
        """Keep the current summary of an entry, in place of an older one where there is one."""
