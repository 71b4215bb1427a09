"""The cluster in figures: posted by the clock, and shown to whoever asks."""
