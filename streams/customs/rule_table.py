"""Every rule and policy with its sentence, its source and its tests, as Markdown: `docs/rules.md`.

    python -m streams.customs.rule_table > docs/rules.md

The words are read from the code: rules from `rules`, policies from the docstrings of `PlacementPolicy`, kinds of work
and clocks from their tables, clocks with the sentence below each. A test compares, and fails where a rule has no test
that names it.
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from inspect import getsource
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Final, NamedTuple

from streams.customs import (
    correction_rules,
    decision_rules,
    entry_periods,
    filing_rules,
    liquidation,
    notice_periods,
    policy,
    protest_periods,
    protest_rules,
    rules,
)
from streams.customs.clocks import Period
from streams.customs.periods import PERIODS
from streams.customs.policy import BOUNDS, PlacementPolicy
from streams.customs.rules import Rule
from streams.customs.work_types import WORK_TYPES

_HEAD: Final = """# Rules and policies

Written from the code by `python -m streams.customs.rule_table`; a test compares. Facts of law are in our own words with
their source; policies stand where law and regulation leave something open, with the recommended default.
"""
_NUMBERED: Final = re.compile(r"P\d+")
_WORD: Final = re.compile(r"\w+")


class PolicyRow(NamedTuple):
    """A switch of the placement policy."""

    number: str
    key: str
    default: str
    sentence: str


def all_rules() -> tuple[Rule, ...]:
    """Return every rule that an event can break, by name."""
    return tuple(sorted((rule for rule, _ in _named_rules()), key=lambda rule: rule.name))


def _named_rules() -> Iterator[tuple[Rule, str]]:
    """Yield every rule with the name of its constant, once."""
    seen: set[str] = set()
    for module in (rules, correction_rules, filing_rules, liquidation, protest_rules, decision_rules):
        for constant, value in vars(module).items():
            if isinstance(value, Rule) and value.name not in seen:
                seen.add(value.name)
                yield value, constant


def all_policies() -> tuple[PolicyRow, ...]:
    """Return every switch in the order of the policy, with the sentence that stands below it."""
    [definition] = [
        node
        for node in ast.parse(getsource(policy)).body
        if isinstance(node, ast.ClassDef) and node.name == "PlacementPolicy"
    ]
    return tuple(_policies(definition.body))


def _policies(body: Sequence[ast.stmt]) -> Iterator[PolicyRow]:
    defaults = PlacementPolicy()
    words = defaults.as_words()
    for field, below in pairwise(body):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=key)), ast.Expr(value=ast.Constant(value=str(text))) if key in words:
                number, sentence = _split(text)
                sentence = sentence or _of_choices(getattr(defaults, key))
                yield PolicyRow(number, key, " ".join(words[key]), sentence[:1].upper() + sentence[1:])


def _split(text: str) -> tuple[str, str]:
    """Return the policies' numbers, and the sentence without them."""
    head, _, rest = text.partition(":")
    if _NUMBERED.fullmatch(head.split(",")[0].rstrip(".")):
        return head.rstrip("."), " ".join(rest.split()).strip()
    return "", " ".join(text.split())


def _of_choices(default: object) -> str:
    """Return what a kind of choice is about, from its own docstring: `P4: by what ...`."""
    said = " ".join((type(default).__doc__ or "").split())
    return said.partition(": ")[2]


def proofs_of(names: Iterable[str], tests: Path) -> dict[str, list[str]]:
    """Return the tests of rules and policies, in their order: `test_P7_...`, or whose text holds a rule's name."""
    found: dict[str, list[str]] = {name: [] for name in names}
    words = {rule.name: constant for rule, constant in _named_rules()}
    for path in sorted(tests.rglob("test_*.py")):
        for test, source in _tests_in(path.read_text("utf-8")):
            used = frozenset(_WORD.findall(source))
            for name, proves in found.items():
                word = words.get(name)
                holds = word in used or name in source if word else f"_{name}_" in test
                if holds and test not in proves:
                    proves.append(test)
    return found


def _tests_in(text: str) -> Iterator[tuple[str, str]]:
    """Yield the tests of a module, each with its text, decorators included."""
    lines = text.splitlines()
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            yield node.name, "\n".join(lines[first - 1 : node.end_lineno])


def table(tests: Path) -> str:
    """Return the whole document."""
    rule_rows, policy_rows = all_rules(), all_policies()
    numbers = sorted({number for row in policy_rows for number in _NUMBERED.findall(row.number)})
    tested = proofs_of([*(rule.name for rule in rule_rows), *numbers], tests)
    parts = [
        _HEAD,
        "## Placement policies (P1-P21)\n",
        *_rows(
            ("Policy", "Switch", "Default", "What it says", "A test"),
            [
                (
                    row.number or "-",
                    f"`{row.key}`",
                    f"`{row.default}`",
                    row.sentence,
                    _first(_tests(row.number, tested)),
                )
                for row in policy_rows
            ],
        ),
        "\n## What the switches take\n",
        *_rows(("Switch", "Value", "What it means"), _choice_rows()),
        "\n## Rules that an event can break\n",
        *_rows(
            ("Rule", "Sentence", "Source", "What the sender does", "A test"),
            [
                (f"`{rule.name}`", rule.sentence, rule.source, rule.remedy, _first(tested[rule.name]))
                for rule in rule_rows
            ],
        ),
        "\n## Kinds of work\n",
        *_rows(
            ("Row", "Work", "Owner", "Joint", "Source"),
            [
                (str(kind.number), f"`{kind.name}`", kind.owner, kind.joint or "-", kind.source)
                for _, kind in sorted(WORK_TYPES.items())
            ],
        ),
        "\n## Clocks\n",
        *_rows(("Clock", "What it says", "Kind", "Begins with", "When it runs out", "Source"), sorted(_clock_rows())),
    ]
    return "\n".join(parts) + "\n"


def _choice_rows() -> Iterator[tuple[str, str, str]]:
    """Yield every value of the switches that are a choice, then the bounds of those that are a number."""
    defaults = PlacementPolicy()
    for key in defaults.as_words():
        kind = type(getattr(defaults, key))
        if issubclass(kind, StrEnum):
            [definition] = ast.parse(getsource(kind)).body
            said = dict(_sentences_of(definition))
            yield from ((f"`{key}`", f"`{choice.value}`", said[choice.name]) for choice in kind)
    for key, (low, high) in BOUNDS.items():
        yield f"`{key}`", f"{low:,} to {high:,}", "A whole number."


def _sentences_of(definition: ast.stmt) -> Iterator[tuple[str, str]]:
    """Yield the names that a class gives to values, each with the sentence that stands below it."""
    assert isinstance(definition, ast.ClassDef)
    for choice, below in pairwise(definition.body):
        match choice, below:
            case ast.Assign(targets=[ast.Name(id=name)]), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, " ".join(text.split())


def _clock_rows() -> Iterator[tuple[str, ...]]:
    said = {
        period.number: sentence
        for module in (entry_periods, notice_periods, protest_periods)
        for period, sentence in _said_below(module)
    }
    return (
        (f"`{one.name}`", said[one.number], one.kind.value, one.started_by, one.missed or "-", one.source)
        for one in PERIODS
    )


def _said_below(module: ModuleType) -> Iterator[tuple[Period, str]]:
    """Yield every period of a module with the sentence that stands below it."""
    for constant, below in pairwise(ast.parse(getsource(module)).body):
        match constant, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                yield getattr(module, name), " ".join(text.split())


def _tests(number: str, tested: Mapping[str, list[str]]) -> list[str]:
    return [name for one in _NUMBERED.findall(number) for name in tested.get(one, [])]


def _first(names: Sequence[str]) -> str:
    """Return one of the tests: with all of them, the document would change with every test."""
    return f"`{names[0]}`" if names else "-"


def _rows(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"


if __name__ == "__main__":
    sys.stdout.write(table(Path("tests")))
