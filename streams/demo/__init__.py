"""The main job end to end, for a newcomer to watch: broker, topics, real input, a worker, and what came of it."""
