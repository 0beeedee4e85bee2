"""Fold a past run again by its journal, in the plainest way, and compare: what was published, and what is kept."""
