"""What a Center uses: its inbox of work, and the way its decisions go back.

Importable with the base install alone: neither Faust nor RocksDB is needed.
"""
