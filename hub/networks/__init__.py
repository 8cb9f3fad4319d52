"""Networks: from an architecture's name and a checkpoint to a ready cell.

Read in this order: ``stages`` and ``variants`` (the family as a table), ``efficientnet`` (its
cells), ``protobuf`` and ``checkpoint_file`` (what MindSpore writes on disk), ``checkpoint`` (into a
network, all or nothing), ``builders`` (what the rest of mshub calls). ``convert`` brings weights
over from PyTorch's files. No other folder imports MindSpore or numpy.
"""
