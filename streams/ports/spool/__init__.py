"""A local spool for ports with bad links: events are kept on disk first, and sent in order when Kafka is in reach.

    from streams.ports.spool.publisher import SpoolingPublisher

Files are protected by the file system alone (mode 0600): they are not encrypted, and hold what the events hold.
"""
