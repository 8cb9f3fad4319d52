"""Which of MindCV's networks a name means."""

from __future__ import annotations

import difflib
import importlib.util
from typing import TYPE_CHECKING

from hub.errors import ArchitectureError, MissingDependencyError
from hub.networks.builders import require_mindspore

if TYPE_CHECKING:
    from hub.networks.mindcv.networks import MindCVArchitecture


def find_architecture(name: str) -> MindCVArchitecture | None:
    """Look up one of MindCV's networks; the builder ``mindcv`` of the group ``mshub.builders``.

    Cards don't always write a name as MindCV does: ``vit_b32_224`` is its ``vit_b_32_224``, and
    ``bit_resnet50`` its ``BiT_resnet50``. So case, hyphens and underscores don't count, unless a
    name would mean two networks: ``regnet_x_16gf`` is not ``regnet_x_1_6gf``.

    Args:
        name: The name, as ``"resnet50"``.

    Returns:
        The architecture, or None if MindCV has none of this name.

    Raises:
        MissingDependencyError: MindCV is not installed, or MindSpore is not.
        ArchitectureError: The name means none of them, but is much like one, or means two.
    """
    if importlib.util.find_spec("mindcv") is None:
        raise MissingDependencyError(
            "MindCV, which builds many other networks, is not installed: "
            "pip install --no-deps mindcv==0.3.0 tqdm",
            package="mindcv",
        )
    require_mindspore()
    from mindcv.models.registry import list_models

    from hub.networks.mindcv.networks import MindCVArchitecture

    known = list_models()
    found = [name] if name in known else [other for other in known if _plain(other) == _plain(name)]
    if len(found) == 1:
        return MindCVArchitecture(found[0])
    if found:
        raise ArchitectureError(
            f"For MindCV, {name!r} can mean {' or '.join(found)}.", name=name, known=tuple(found)
        )
    nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
    if nearest:
        raise ArchitectureError(
            f"MindCV builds none either. Did you mean its {nearest[0]!r}?",
            name=name,
            known=tuple(known),
        )
    return None


def _plain(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")
