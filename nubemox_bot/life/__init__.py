"""A guest after its creation: grown, copied, moved, deleted."""
