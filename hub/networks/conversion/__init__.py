"""From every publisher's weights to ours: names, conventions, and a report of every tensor."""
