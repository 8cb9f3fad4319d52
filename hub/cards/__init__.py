"""From the text of a model card to a record: header, document, evaluation, fields, record.

The format is MindSpore Hub's: a title line, a YAML header between two ``---`` fences, a Markdown
body. YAML is read here and nowhere else, and every scalar of it stays text until the field that
it belongs to converts it.
"""
