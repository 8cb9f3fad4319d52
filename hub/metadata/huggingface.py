"""Cards as README files of the Hugging Face Hub, and back.

There the YAML comes first, between two ``---``, and its keys are the Hub's own. What the Hub has no
place for (assets with their digests, versions, the backbone) stands in the block ``mshub``, whole,
so that a card comes back as it was; where the two disagree, the block counts.

Source: https://github.com/huggingface/hub-docs/blob/main/modelcard.md
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

import frontmatter

from hub.cards.document import Document
from hub.cards.keys import CARD_KEYS
from hub.cards.nodes import ScalarNode
from hub.cards.record import Card, require_record
from hub.errors import CardError
from hub.metadata.layout import write_document, write_metric
from hub.metadata.notations import CardDumper, read_yaml, restore_flags, to_values
from hub.terms.licenses import spdx_license
from hub.terms.metrics import canonical_metric

_BLOCK = "mshub"
_CONVERTED = frozenset(
    {
        "body",
        "datasets",
        "library_name",
        "license",
        "license_name",
        "metrics",
        "model-index",
        "pipeline_tag",
        "title",
    }
)
_NOT_IN_SLUG = re.compile(r"[^\w.-]+", re.ASCII)
# The Hub's names of licences are SPDX's in lower case, for these alone.
_LICENSES = """
afl-3.0 agpl-3.0 apache-2.0 artistic-2.0 bsd-2-clause bsd-3-clause bsd-3-clause-clear bsl-1.0
c-uda cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0
cc-by-nc-nd-3.0 cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cc-by-nd-4.0
cc-by-sa-3.0 cc-by-sa-4.0 cc0-1.0 cdla-permissive-1.0 cdla-permissive-2.0 cdla-sharing-1.0
ecl-2.0 epl-1.0 epl-2.0 etalab-2.0 eupl-1.1 eupl-1.2 gfdl gpl-2.0 gpl-3.0 isc lgpl-2.1 lgpl-3.0
lppl-1.3c mit mpl-2.0 ms-pl ncsa odbl osl-3.0 pddl postgresql unlicense wtfpl zlib
"""
# The card's task (or its field, where that says enough), and the Hub's; the first one leads back.
_TASKS = MappingProxyType(
    {
        "cv-classification": "image-classification",
        "cv-image_classification": "image-classification",
        "cv-object_detection": "object-detection",
        "cv-scene_text_detection": "object-detection",
        "cv-semantic_segmentation": "image-segmentation",
        "cv-instance_segmentation": "image-segmentation",
        "cv-panoptic_segmentation": "image-segmentation",
        "cv-keypoint_detection": "keypoint-detection",
        "cv-ocr": "image-to-text",
        "cv-scene_text_recognition": "image-to-text",
        "cv-super_resolution": "image-to-image",
        "cv-image_denoise": "image-to-image",
        "cv-image_enhancement": "image-to-image",
        "cv-image_generation": "unconditional-image-generation",
        "3d-depth_estimation": "depth-estimation",
        "video-classification": "video-classification",
        "video-action_classification": "video-classification",
        "nlp-text_classification": "text-classification",
        "nlp-emotion_classification": "text-classification",
        "nlp-sentiment_analysis": "text-classification",
        "nlp-named_entity_recognition": "token-classification",
        "nlp-machine_translation": "translation",
        "nlp-question_answering": "question-answering",
        "nlp-text_summarization": "summarization",
        "nlp-text_generation": "text-generation",
        "nlp-semantic_textual_similarity": "sentence-similarity",
        "audio-classification": "audio-classification",
        "audio-tagging": "audio-classification",
        "audio-tts": "text-to-speech",
        "audio-speech_recognition": "automatic-speech-recognition",
        "gnn": "graph-ml",
        "rl": "reinforcement-learning",
    }
)
# The Hub's names of metrics that are not ours in lower case.
_METRICS = MappingProxyType(
    {"top1_accuracy": "accuracy", "mIoU": "mean_iou", "ROUGE_L": "rouge", "mAP": "map"}
)


def to_huggingface(card: Card | Document) -> str:
    """Write a card as a README of the Hugging Face Hub.

    The licence is the Hub's name for it, or ``other`` with ``license_name``; the task is stated
    only where ``module-type`` names one. The metrics stand in ``model-index``. The data set there
    is the one that the card states, which is the *training* set: cards never say which data, and
    which split of it, the metrics were measured on, so no split is claimed.

    Args:
        card: The card.

    Returns:
        The README, which :func:`from_huggingface` turns into a card with an equal record.

    Raises:
        CardError: The card is not UTF-8 text, or its header has a key ``title`` or ``body``.

    Example:
        >>> import hub
        >>> readme = to_huggingface(hub.card("MindSpore/efficientnet_b0"))
        >>> print(*readme.splitlines()[:3], sep="; ")
        ---; license: apache-2.0; library_name: mindspore
    """
    card = require_record(card)
    values = to_values(card)
    body = values.pop("body")
    title = f"# {card.title}\n\n" if card.title else ""
    metadata = {**_describe(card), _BLOCK: values}
    post = frontmatter.Post(f"{title}{body}", **metadata)
    text: str = frontmatter.dumps(post, Dumper=CardDumper, sort_keys=False, width=float("inf"))
    return text + "\n"


def from_huggingface(text: str, source: str = "README.md") -> Document:
    r"""Turn a README of the Hugging Face Hub into a card.

    Args:
        text: The README.
        source: The name that errors, and findings in the new card, are reported under.

    Returns:
        The card. One that :func:`to_huggingface` has written comes back with an equal record. Of
        another README all is taken that a card has a place for, and what it has none for is kept
        under its own key; facts that it does not state are not made up:
        :func:`list_missing_keys` names them.

    Raises:
        CardError: There is no front matter, it is not YAML, or a key of it can be none in a card.

    Example:
        >>> readme = "---\nlicense: mit\ntags: [tiny]\n---\n# b0\n\nHello.\n"
        >>> document = from_huggingface(readme)
        >>> document.title, document.scalar("license").text, document.body.text
        ('b0', 'MIT', 'Hello.')
        >>> list_missing_keys(document)[:2]
        ('model-name', 'backbone-name')
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    header, content = _split_readme(text, source)
    lines_above = text.count("\n", 0, text.index(header))
    metadata = read_yaml("\n" * lines_above + header, source)
    block = metadata.get(_BLOCK)
    if isinstance(block, dict):
        body = _strip_title(content, str(block.get("title", "")))
        return write_document({**restore_flags(block), "body": body}, source)
    title, body = _split_title(content)
    title = title or " ".join(_list_texts(metadata.get("title")))
    return write_document({"title": title, **_convert(metadata), "body": body}, source)


def list_missing_keys(document: Document) -> tuple[str, ...]:
    r"""Return the keys that a card must have, and that a document states nothing for.

    Example:
        >>> list_missing_keys(Document("---\nmodel-name: b0\n---\n"))[0]
        'backbone-name'
    """
    stated = {
        key
        for key, node in document.header.values.items()
        if not isinstance(node, ScalarNode) or node.text.strip()
    }
    return tuple(key.name for key in CARD_KEYS if key.required and key.name not in stated)


def _describe(card: Card) -> dict[str, object]:
    """Return what the Hub has keys for."""
    described: dict[str, object] = _describe_license(card)
    described["library_name"] = "mindspore"
    described["pipeline_tag"] = _find_task(card)
    kinds = card.module[1:] if card.module else ()
    described["tags"] = list(dict.fromkeys(filter(None, (card.backbone_name, *kinds))))
    described["datasets"] = [_slug(data.canonical or data.text) for data in card.datasets]
    metrics = card.evaluation.metrics
    described["metrics"] = list(dict.fromkeys(_name_metric(metric.name) for metric in metrics))
    if metrics:
        described["model-index"] = [{"name": card.model_name, "results": [_describe_result(card)]}]
    return {key: value for key, value in described.items() if value}


def _describe_license(card: Card) -> dict[str, object]:
    if not card.license:
        return {}
    spdx = card.license_id or ""
    name = re.sub(r"-(only|or-later)$", "", spdx).lower()
    return (
        {"license": name}
        if name in _LICENSES.split()
        else {
            "license": "other",
            "license_name": spdx or card.license,
        }
    )


def _describe_result(card: Card) -> dict[str, object]:
    data = card.train_dataset or "not stated"
    return {
        "task": {"type": _find_task(card) or "other"},
        "dataset": {"name": data, "type": _slug(data)},
        "metrics": [
            {"type": _name_metric(metric.name), "name": metric.name, "value": metric.value}
            for metric in card.evaluation.metrics
        ],
    }


def _find_task(card: Card) -> str:
    if card.module is None:
        return ""
    _, field, task = card.module
    return _TASKS.get(f"{field}-{task}") or _TASKS.get(field, "")


def _name_metric(name: str) -> str:
    canonical = canonical_metric(name)
    return _METRICS.get(canonical, canonical.lower())


def _slug(name: str) -> str:
    return _NOT_IN_SLUG.sub("-", name).strip("-.").lower() or "not-stated"


def _convert(metadata: Mapping[str, object]) -> dict[str, object]:
    """Turn front matter that is not ours into a card's values."""
    index = metadata.get("model-index")
    model = index[0] if isinstance(index, list) and index and isinstance(index[0], dict) else {}
    found: dict[str, object] = {
        "model-name": model.get("name"),
        "module-type": _find_module(metadata.get("pipeline_tag")),
        "train-dataset": " | ".join(_list_texts(metadata.get("datasets"))),
        "evaluation": _convert_results(model.get("results")),
        "license": _convert_license(metadata),
    }
    kept = {key: value for key, value in metadata.items() if key not in _CONVERTED}
    if metadata.get("library_name") not in (None, "mindspore"):
        kept["library_name"] = metadata["library_name"]
    return {**{key: value for key, value in found.items() if value}, **kept}


def _convert_license(metadata: Mapping[str, object]) -> str:
    name = " AND ".join(_list_texts(metadata.get("license")))
    if name == "other":
        name = " AND ".join(_list_texts(metadata.get("license_name")))
    return spdx_license(name) or name


def _convert_results(results: object) -> list[object]:
    """Turn the results of a model index into metrics; several sets of data precede their names."""
    listed = (
        [item for item in results if isinstance(item, dict)] if isinstance(results, list) else []
    )
    parts: list[object] = []
    for result in listed:
        data = result.get("dataset")
        prefix = f"{data.get('name')} " if len(listed) > 1 and isinstance(data, dict) else ""
        metrics = result.get("metrics")
        for metric in metrics if isinstance(metrics, list) else []:
            if isinstance(metric, dict):
                name = f"{prefix}{metric.get('name') or metric.get('type')}"
                parts.append(_convert_metric(name, str(metric.get("value"))))
    return parts


def _convert_metric(name: str, value: str) -> dict[str, str]:
    part = {"name": name, "value": value}
    try:
        write_metric(part)
    except ValueError:
        return {"text": f"{name} {value}".replace("|", "/")}
    return part


def _find_module(task: object) -> str:
    return next((module for module, name in _TASKS.items() if name == task), "")


def _list_texts(value: object) -> list[str]:
    texts = value if isinstance(value, list) else [value]
    return [text for text in texts if isinstance(text, str) and text]


def _split_readme(text: str, source: str) -> tuple[str, str]:
    handler = frontmatter.YAMLHandler()
    try:
        header, content = handler.split(text.lstrip())
    except ValueError:
        header, content = "", ""
    if not header or not handler.detect(text.lstrip()):
        reason = "no front matter; a README of the Hugging Face Hub begins with '---' and YAML"
        raise CardError(f"{source}: {reason}", source=source, reason=reason)
    return header, content


def _strip_title(content: str, title: str) -> str:
    """Leave the body behind the title line that :func:`to_huggingface` has put before it."""
    first, _, rest = content.lstrip("\n").partition("\n")
    return rest if title and first == f"# {title}" else content


def _split_title(content: str) -> tuple[str, str]:
    """Split a heading that begins the text from what follows; there may be none."""
    first, _, rest = content.lstrip("\n").partition("\n")
    return (first[1:].strip(), rest) if re.match("# +[^# ]", first) else ("", content)
