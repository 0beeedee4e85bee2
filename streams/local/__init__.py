"""A real Kafka on this machine from Python packages alone: for the demo, tests, benchmarks and a laptop."""
