"""The folder of verified files: its layout, its locks and records, and its upkeep."""
