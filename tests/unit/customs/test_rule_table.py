"""`docs/rules.md` is what the code says, and every rule and policy has its test."""

from pathlib import Path

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


def test_every_policy_from_P1_to_P21_is_a_switch_with_a_sentence_and_a_test() -> None:
    """Contradictory settings are refused by their key (`test_policy`)."""
    policies = all_policies()

    numbers = {number for row in policies for number in row.number.replace(",", " ").split()}
    assert all(row.sentence.endswith(".") for row in policies if row.number)
    assert numbers == {f"P{number}" for number in range(1, 22)}
    tested = proofs_of(sorted(numbers), TESTS)
    assert [number for number, tests in tested.items() if not tests] == []
