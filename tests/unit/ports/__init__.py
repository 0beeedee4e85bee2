"""Tests of what a port system uses."""
