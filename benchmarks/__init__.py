"""Nubemox measured as a process of its own, beside yardsticks in the same run: `make bench`."""
