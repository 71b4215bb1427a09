"""Snapshots: a guest as it was at a moment, kept on its own storage."""
