"""Arbitrary fields for any schema of the contract."""

from typing import Any

from hypothesis import strategies as st

INT = st.integers(-(2**31), 2**31 - 1)
LONG = st.integers(-(2**63), 2**63 - 1) | st.integers(0, 2**28) | st.integers(1_000_000_000_000, 2_000_000_000_000)
TEXT = st.text(st.characters(codec="ascii"), max_size=12) | st.text(st.characters(codec="utf-8"), max_size=200)
ATOMS: dict[str, st.SearchStrategy[Any]] = {"string": TEXT, "int": INT, "long": LONG, "boolean": st.booleans()}


def values(schema: Any, named: dict[str, st.SearchStrategy[Any]] | None = None) -> st.SearchStrategy[Any]:
    """Return a strategy of values that a schema allows; named types are remembered for their second mention."""
    named = {} if named is None else named
    match schema:
        case {"type": "record"}:
            whole = st.fixed_dictionaries({field["name"]: values(field["type"], named) for field in schema["fields"]})
            named[f"{schema['namespace']}.{schema['name']}"] = whole
            return whole
        case {"type": "array", "items": items}:
            return st.lists(values(items, named), max_size=3)
        case {"type": inner}:
            return values(inner, named)
        case ["null", inner]:
            return st.none() | values(inner, named)
    return ATOMS[schema] if schema in ATOMS else named[schema]
