"""Measurements of the whole worker beside what one could have had instead: `./cee bench`."""
