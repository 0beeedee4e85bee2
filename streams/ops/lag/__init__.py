"""How far behind each reader is: read from the broker, judged by pure rules, kept for a while."""
