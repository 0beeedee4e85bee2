"""What a port system uses: the publisher of events, and the reader of ABI batch files.

Importable with the base install alone: neither Faust nor RocksDB is needed.

    from streams.ports.publisher import Publisher
    from streams.ports.abi.reader import read_filings
"""
