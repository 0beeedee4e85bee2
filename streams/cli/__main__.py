"""`python -m streams.cli` is `cee`."""

from streams.cli import main

main()
