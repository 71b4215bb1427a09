"""Messages that nobody's turn owns: kept until Slack has them, true for as long as they live."""
