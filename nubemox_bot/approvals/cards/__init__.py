"""The card that those who decide see."""
