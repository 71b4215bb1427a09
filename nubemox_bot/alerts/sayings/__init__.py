"""The words of the alerts."""
