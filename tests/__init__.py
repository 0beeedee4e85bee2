"""All tests of cee-streams."""
