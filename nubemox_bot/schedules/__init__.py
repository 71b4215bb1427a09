"""Guests that start and stop by the clock of the person who wished it."""
