"""A real Kafka and a schema registry on this machine from Python packages alone: for demo, tests and a laptop."""
