"""The embedded HTTP server: health, metrics, and Slack's requests in HTTP mode."""
