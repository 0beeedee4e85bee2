"""`docs/rules.md` is what the code says, and every rule and policy has its test."""

from pathlib import Path

from streams.customs.periods import PERIODS
from streams.customs.rule_table import all_policies, all_rules, proofs_of, table

TESTS = Path("tests")


def test_the_document_is_what_the_code_says() -> None:
    """Write it anew with `python -m streams.customs.rule_table > docs/rules.md`."""
    assert Path("docs/rules.md").read_text("utf-8") == table(TESTS)


def test_every_rule_has_a_sentence_a_source_a_remedy_and_a_test_that_names_it() -> None:
    rules = all_rules()

    assert all(rule.sentence.endswith(".") and rule.source and rule.remedy for rule in rules)
    tested = proofs_of([rule.name for rule in rules], TESTS)
    assert [name for name, tests in tested.items() if not tests] == []


def test_the_sentence_of_a_policy_keeps_its_capitals() -> None:
    """An abbreviation and a name inside it stay as they are written."""
    sentences = {row.key: row.sentence for row in all_policies()}

    assert sentences["history"] == "What is told of the history of an importer's entries (19 CFR 101.10(c)(5))."
    assert sentences["window_days"].startswith("How many days back")


def test_every_value_that_a_switch_takes_is_listed_with_what_it_means() -> None:
    document = table(TESTS)

    assert "| `measure` | `value` | Value of the voting lines. |" in document
    assert "| `account_key` | `number` | Each number is an account of its own. |" in document
    assert "| `dwell_cuts` | 1 to 3,660 | A whole number. |" in document


def test_every_clock_is_listed_with_its_sentence_and_what_follows_when_it_runs_out() -> None:
    document = table(TESTS)

    assert all(f"| `{period.name}` |" in document for period in PERIODS)
    assert (
        "| `bill_payment` | A bill is paid within 30 days. | trade_must | date of the bill "
        "| interest by 30-day periods | 19 USC 1505(b), (d) |"
    ) in document


def test_every_policy_from_P1_to_P21_is_a_switch_with_a_sentence_and_a_test() -> None:
    """Contradictory settings are refused by their key (`test_policy`)."""
    policies = all_policies()

    numbers = {number for row in policies for number in row.number.replace(",", " ").split()}
    assert all(row.sentence.endswith(".") for row in policies if row.number)
    assert numbers == {f"P{number}" for number in range(1, 22)}
    tested = proofs_of(sorted(numbers), TESTS)
    assert [number for number, tests in tested.items() if not tests] == []
