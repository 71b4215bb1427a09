"""What is asked in a modal before a request is decided, answered or made."""
