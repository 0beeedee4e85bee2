"""What people do about records that could not be processed, and about state: each step once, and told in Kafka."""
