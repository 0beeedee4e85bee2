"""The customs rules: pure functions over frozen values; no clock, no chance, no file but the published lists."""
