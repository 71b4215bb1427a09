"""The Slack edge: what people say and press comes in here, and every message leaves here."""
