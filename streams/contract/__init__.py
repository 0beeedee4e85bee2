"""What port systems, Centers and the processor agree on: topics, keys, record shapes and their bytes."""
