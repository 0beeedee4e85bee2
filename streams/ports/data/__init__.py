"""Tables that the ABI reader reads: record layout, code sets and ports."""
