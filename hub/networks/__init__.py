"""Networks: from an architecture's name and a file of weights to a ready cell.

Read in this order:

1. ``stages``, ``variants``: the family as a table. ``levels`` and ``summary`` follow from it by
   arithmetic. None of them needs MindSpore.
2. ``efficientnet``: a row of the table as cells; ``features``: the same as a backbone.
3. ``options`` and ``option_values``: what may be wanted of a network. ``architecture``: who builds
   one of a given name. ``family`` is our answer, ``mindcv/`` MindCV's.
4. ``files/``: weights on disk, read without trust. ``fitting`` makes them fit other classes and
   channels, ``checkpoint`` puts them into a network: all, or none and an error.
5. ``builders``: the four steps in one call, which is what the rest of mshub uses.
6. What a ready network is for: ``scoring``, ``freezing``, ``inference/`` (the same outputs, sooner),
   ``engines/`` (exports, and who runs them).

``conversion/`` stands beside this story: it makes our files out of other publishers'. Nothing
outside of this folder imports MindSpore.
"""
