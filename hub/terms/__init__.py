"""The words of the field: data sets, licences, metrics, module types, repositories.

Each module reads one kind of text as cards write it, and knows its canonical form.
"""
