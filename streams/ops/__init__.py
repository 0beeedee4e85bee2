"""What operations see of a worker: logs, metrics, health and look-ups."""
