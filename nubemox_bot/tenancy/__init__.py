"""Whose pool it is, who belongs to it, and what they may do."""
