"""From an id to the one card that it means: layouts, matching, registry."""
