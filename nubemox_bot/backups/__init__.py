"""Backups: a guest as it was, kept apart from it, and whose each of them is."""
