"""The check digit of entry numbers, judged apart from their form: some filers may deviate from it.

Source: ACE ABI CATAIR Entry Summary Create/Update, table 1; CATAIR Appendix E.
"""

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from streams.contract.models.base import Event
from streams.contract.models.faults import Fault, Path

CheckDigitOffsets = Mapping[str, Collection[int]]
NO_OFFSETS: Final[CheckDigitOffsets] = MappingProxyType({})

# A..I = 1..9, J..R = 1..9, S..Z = 2..9: S is 2, not 1.
_VALUES: Final[dict[str, int]] = {str(digit): digit for digit in range(10)} | dict(
    zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", [*range(1, 10), *range(1, 10), *range(2, 10)], strict=True)
)
_DOUBLED: Final = {char: sum(divmod(2 * value, 10)) for char, value in _VALUES.items()}


def check_digit(filer_and_number: str) -> int:
    """Return the check digit of a filer code and a number, ten capital letters and digits.

    Raises `KeyError` for any other character.
    """
    plain = sum(_VALUES[char] for char in filer_and_number[::2])
    doubled = sum(_DOUBLED[char] for char in filer_and_number[1::2])
    return -(plain + doubled) % 10


def check_digit_faults(event: Event, offsets: CheckDigitOffsets = NO_OFFSETS) -> list[Fault]:
    """Return the entry numbers of an event that end with a false check digit, by their places.

    `offsets` names filers that have used up their ten million numbers, with the amounts (1 to 9) that CBP permits
    them to add to the check digit.
    """
    return [
        Fault(path, false_check_digit(number))
        for path, number in _entry_numbers(event)
        if not _is_true(number, offsets)
    ]


def false_check_digit(number: str) -> str:
    """Say what is wrong with an entry number of eleven characters whose check digit is false."""
    return f"{number[:3]}-{number[3:-1]} has check digit {check_digit(number[:-1])}, not {number[-1]}"


def _is_true(number: str, offsets: CheckDigitOffsets) -> bool:
    excess = (int(number[-1]) - check_digit(number[:-1])) % 10
    return not excess or excess in offsets.get(number[:3], ())


def _entry_numbers(event: Event) -> Iterator[tuple[Path, str]]:
    """Yield every entry number of an event with its path."""
    for name in type(event).model_fields:
        value = getattr(event, name)
        if name == "entry_number" and value is not None:
            yield (name,), value
        elif name == "summary":
            yield (name, "entry_number"), value.entry_number
        elif name.endswith("entry_numbers"):
            yield from (((name, at), number) for at, number in enumerate(value))
        elif name in {"entries", "added_entries"}:
            yield from (((name, at, "entry_number"), entry.entry_number) for at, entry in enumerate(value))
