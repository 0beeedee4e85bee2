"""Lets each run of the rules' tests begin without remembered answers.

Mutation testing forks a process that has already run the tests: what `lru_cache` remembers from there would hide the
mutants of what is remembered.
"""

import sys


def pytest_sessionstart() -> None:
    """Forget what the rules' modules remember."""
    for name in [name for name in sys.modules if name.startswith("streams.customs")]:
        for value in list(vars(sys.modules[name]).values()):
            forget = getattr(value, "cache_clear", None)
            if callable(forget):
                forget()
