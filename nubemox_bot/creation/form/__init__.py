"""The form of a new guest."""
