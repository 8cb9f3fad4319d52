"""Managing the metadata of cards: set, format, create, compare, and turn into other formats.

:mod:`hub.metadata.editing` changes single values, :mod:`~hub.metadata.formatting` lays a whole
header out, :mod:`~hub.metadata.template` makes new cards, :mod:`~hub.metadata.difference` compares
two, :mod:`~hub.metadata.notations` and :mod:`~hub.metadata.huggingface` convert.
"""
