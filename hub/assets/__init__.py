"""From an asset that a card lists to a verified file.

::

    batch           several assets at once; delivery, preview: out of the cache, or only looked at
    └── store           which source, what if it fails: the story of one asset
        ├── lockfile        a project's hub.lock, whose digests count
        ├── transfer/       the network: one URL into one file
        ├── partials        what is arriving, and what is left of it when it breaks off
        │   └── remainders · marks · hashing · plain_files · disk
        └── cache/          the folder of verified files

Nothing unverified ever carries a final name. A file is hashed while it streams; afterwards a load
costs one ``stat``, and a file that changed on disk is hashed again.
"""
