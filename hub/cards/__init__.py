"""From the text of a model card to a typed record.

The format is MindSpore Hub's: a title line, a YAML header between two ``---`` fences, a Markdown
body. In the order in which data flows: ``header`` (with ``yaml_values`` for what is more than a line
of text) reads keys and values into ``nodes``, every scalar as text with its place; ``document`` is
the whole card, byte for byte; ``fields`` and ``evaluation`` convert texts; ``record`` is what users
work with.
"""
