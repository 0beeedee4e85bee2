"""Break a real run on purpose, under load, and count what was lost, doubled or wrong afterwards."""
