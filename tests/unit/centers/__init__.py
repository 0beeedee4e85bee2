"""Tests of what a Center uses."""
