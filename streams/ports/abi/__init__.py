"""ABI batch files: AE batches in, CBP's AX answers in, events out; and a writer of both for samples and tests.

Source of all layouts and rules: ACE ABI CATAIR Entry Summary Create/Update (July 2026) and Batch and Block Control.
"""
