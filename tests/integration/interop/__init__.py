"""Clients in other languages, on a real Kafka. Each test skips, and says so, where its runtime is missing."""
