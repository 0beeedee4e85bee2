"""The engine's world in memory: seeded, on virtual time, and hostile.

The same tasks and lanes run on it as on a real Kafka. A run is a pure function of its seed.
"""
