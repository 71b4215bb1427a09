"""The forms in which a guest's life is changed."""
