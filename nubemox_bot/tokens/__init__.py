"""REST tokens: made and taken back in Slack, used by programs that act as their owner."""
