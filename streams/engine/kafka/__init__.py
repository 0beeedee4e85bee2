"""The engine's world on a real Kafka, by aiokafka.

The client is pinned exactly, because what Kafka's transactions need is partly behind its private attributes; each
place that reaches for one says why.
"""
