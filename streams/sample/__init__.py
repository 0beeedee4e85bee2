"""A national sample of made-up trade: the load of demo, tests and benchmarks.

Nothing in it is real: importer numbers use prefixes that are never assigned, and goods are plausible numbers
of the tariff without an importer behind them.
"""
