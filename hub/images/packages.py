"""The packages that images need."""

from __future__ import annotations

from hub.errors import MissingDependencyError


def require_images() -> None:
    """Import what reads images, or say what to install.

    Raises:
        MissingDependencyError: Pillow or numpy is not installed, or cannot be imported.
    """
    try:
        import numpy  # noqa: F401
        from PIL import Image  # noqa: F401
    except ImportError as cause:
        raise MissingDependencyError(
            f'Images need Pillow and numpy: pip install "mshub[images]" ({cause}).',
            package="pillow",
        ) from cause
