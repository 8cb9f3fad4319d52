"""What the tests of registries share: a folder with cards in all layouts."""

from collections.abc import Callable
from pathlib import Path

import pytest

WriteCard = Callable[..., Path]


@pytest.fixture
def root(tmp_path: Path, write_card: WriteCard) -> Path:
    """Our layout and both official ones, side by side."""
    write_card("cards/MindSpore/lite0.md", name="lite0")
    write_card("cards/Noah/lite0.md", name="noah_lite0")
    write_card("cards/MindSpore/2.5/b0_imagenet.md", name="efficientnet_b0", version="2.5")
    write_card("cards/MindSpore/2.10/b0_imagenet.md", name="efficientnet_b0", version="2.10")
    write_card("cards/MindSpore/1.9/b0_imagenet.md", name="efficientnet_b0", version="1.9")
    write_card("cards/MindSpore/1.9/b0_cifar.md", name="efficientnet_b0", version="1.9")
    write_card("cards/MindSpore/1.9/b0_imagenet_cn.md", name="efficientnet_b0", version="1.9")
    write_card("cards/Noah/gpu/1.8/fastmim.md", name="mim", version="1.8")
    write_card("cards/Noah/ascend/1.8/fastmim.md", name="mim", version="1.8")
    (tmp_path / "cards/MindSpore/1.9/broken.md").write_text("# no card")
    (tmp_path / "cards/MindSpore/README.md").write_text("# no card")
    (tmp_path / "cards/MindSpore/notes").mkdir()
    (tmp_path / "cards/MindSpore/notes/todo.md").write_text("# no card")
    return tmp_path / "cards"
