"""The Markdown of a card: sections, tables, links, code and comments, each with its place.

Knows nothing of cards: :class:`hub.markdown.body.Body` is the way in.
"""
