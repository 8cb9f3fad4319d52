"""The keys of the format, in their usual order, with the Chinese names of ``_cn`` cards.

The names and the order are those of MindSpore Hub's example cards and of its published cards.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import NamedTuple


class Key(NamedTuple):
    """A key of a card's header, or of one of its assets."""

    name: str
    chinese: str = ""
    required: bool = False


CARD_KEYS: tuple[Key, ...] = (
    Key("model-name", "模型名称", required=True),
    Key("backbone-name", "骨干网络", required=True),
    Key("module-type", "模块类型", required=True),
    Key("fine-tunable", "可微调", required=True),
    Key("input-shape", "输入形状"),
    Key("model-version", "模型版本", required=True),
    Key("train-dataset", "训练数据集"),
    Key("evaluation", "评估"),
    Key("accuracy", "准确率"),
    Key("author", "作者", required=True),
    Key("update-time", "更新时间", required=True),
    Key("repo-link", "代码仓链接", required=True),
    Key("user-id", "用户ID", required=True),
    Key("used-for", "用途", required=True),
    Key("featured-image", "特征图片"),
    Key("train-backend", "训练后端"),
    Key("infer-backend", "推理后端"),
    Key("mindspore-version", "MindSpore版本", required=True),
    Key("allow-cache-ckpt", "可缓存检查点"),
    Key("asset", "资源"),
    Key("license", "许可证", required=True),
    Key("summary", "摘要", required=True),
)

#: What mshub also reads, if a card has it: how images are prepared, and the names of the classes.
IMAGE_KEYS = ("input-size", "crop-pct", "interpolation", "mean", "std", "labels")

ASSET_KEYS: tuple[Key, ...] = (
    Key("file-format", "文件格式", required=True),
    Key("asset-link", "资源链接", required=True),
    Key("asset-sha256", "资源SHA256校验码", required=True),
)

_ENGLISH = MappingProxyType(
    {key.chinese: key.name for key in (*CARD_KEYS, *ASSET_KEYS) if key.chinese}
)


def english_key(key: str) -> str:
    """Return the format's own name of a key.

    Example:
        >>> english_key("模型名称"), english_key("model-name"), english_key("vit-repo-link")
        ('model-name', 'model-name', 'vit-repo-link')
    """
    return _ENGLISH.get(key, key)
