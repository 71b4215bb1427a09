"""The console's page and its websocket: pixels and keys go through, tickets never do."""
