"""From an asset that a card lists to a verified file: filenames, download, cache, store.

Nothing unverified ever carries a final name. A file is hashed while it streams; afterwards a load
costs one ``stat``, and a file that changed on disk is hashed again.
"""
