"""The seam: bytes in, decisions out. Here engine, contract and customs meet; no decision is made here."""
