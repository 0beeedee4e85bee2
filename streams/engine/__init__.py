"""A transactional core: read, decide, publish and commit as one Kafka transaction per partition."""
