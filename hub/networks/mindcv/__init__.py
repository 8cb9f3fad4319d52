"""MindCV's networks, for those who have it installed: the builder that mshub brings along.

https://github.com/mindspore-lab/mindcv builds some 270 networks, and most cards of MindSpore's hub
name one of them. Here they become architectures like our own. MindCV is asked for layers alone: it
is never told to download anything.
"""

from hub.networks.mindcv.lookup import find_architecture as find_architecture
