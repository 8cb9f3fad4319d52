"""From other frameworks' weights to ours: names, conventions, and a report of every tensor."""
