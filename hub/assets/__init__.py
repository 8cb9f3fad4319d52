"""From an asset that a card lists to a verified file.

::

    store       which source, what if it fails: the story of one asset
    ├── transfer/   the network: one URL into one file
    ├── partials    what is arriving, and what is left of it when it breaks off
    └── cache/      the folder of verified files

Nothing unverified ever carries a final name. A file is hashed while it streams; afterwards a load
costs one ``stat``, and a file that changed on disk is hashed again.
"""
