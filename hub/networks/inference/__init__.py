"""A network for inference alone: the same outputs, sooner, on the CPU that MindSpore is slow on.

Read in this order: ``folding`` (batch normalisation becomes part of the convolution before it),
``depthwise``, ``planes`` (for small images) and ``excitation`` (cells whose standard operators are
slow on CPU), ``copying`` (where those go, and the copy that has them).
"""

from hub.networks.inference.copying import optimize

__all__ = ["optimize"]
