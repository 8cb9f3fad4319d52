"""One name for every metric, whichever way a card or a table spells it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from hub.frozen import FrozenMapping

# A metric's own name, then its spellings, each as most cards write it. Case, blanks and punctuation
# need no spelling of their own: "Top-1 (%)" is read like "top1".
_SPELLINGS = FrozenMapping(
    {
        # Share of right answers
        "accuracy": ("acc", "accuracy"),
        "top1_accuracy": ("top1acc", "top1", "acc@top1", "top1accuracy", "acc@1"),
        "top5_accuracy": ("top5acc", "top5", "acc@top5", "top5accuracy", "acc@5"),
        "exact_match": ("exactmatch", "EM"),
        "rank1_accuracy": ("rank1acc", "rank1"),
        "all_accuracy": ("allAcc",),
        "class_accuracy": ("acccls",),
        "precision": ("Precision",),
        "recall": ("Recall",),
        "F1": ("F1score", "F1", "F-score", "f1acc", "hmean"),
        "macro_F1": ("macroF1acc", "macroF1"),
        "micro_F1": ("microF1acc", "microF1"),
        "joint_F1": ("jointf1acc",),
        # Detection, segmentation, tracking
        "mAP": ("mAP", "meanAP"),
        "AP50": ("AP50acc", "AP50", "mAP50", "mAP@0.5"),
        "AP75": ("AP75acc", "AP75"),
        "mIoU": ("mIoU", "meanIoU"),
        "IoU": ("iou",),
        "dice": ("AvgDice", "dice"),
        "image_level": ("image-level",),
        "pixel_level": ("pixel-level",),
        "mean_image_level": ("meanimage-level",),
        "mean_pixel_level": ("meanpixel-level",),
        "MOTA": ("MOTA",),
        "MOTP": ("MOTP",),
        # Pictures and sound
        "PSNR": ("PSNR",),
        "SSIM": ("SSIM",),
        "LPIPS": ("LPIPS",),
        "FID": ("FID",),
        "MOS": ("MOS",),
        "SRCC": ("SRCC",),
        # Ranking
        "MRR": ("MRR",),
        "nDCG": ("ndcg",),
        "hit_ratio": ("hr", "hitratio"),
        "AUC": ("auc",),
        "EER": ("EER",),
        # Text
        "BLEU": ("BLEU",),
        "ROUGE_L": ("RGL", "ROUGE-L"),
        "perplexity": ("perplexity", "ppl"),
        "WER": ("WER",),
        "CER": ("CER",),
        # Errors
        "loss": ("loss",),
        "MAE": ("mae",),
        "MSE": ("mse",),
        "RMSE": ("rmse",),
        "MAPE": ("mape",),
    }
)
# Misspellings seen in published cards that are too short, or too far off, to be found by likeness.
_MISSPELLINGS = FrozenMapping(
    {
        "f1scorce": "F1score",
        "blue": "BLEU",
        "gracut": "grabcut",
        "top1caa": "top1acc",
        "top5caa": "top5acc",
        "avesad": "avgsad",
        "ecssc": "ECSSD",
        "lwf": "lfw",
    }
)
_SHORTEST_LIKENESS = 7  # characters; among shorter names one letter tells two metrics apart


def _fold(name: str) -> str:
    """Leave letters and digits alone, in small letters."""
    return "".join(filter(str.isalnum, name.lower()))


_CANONICAL = FrozenMapping(
    {_fold(text): name for name, spellings in _SPELLINGS.items() for text in (*spellings, name)}
)
_PREFERRED = FrozenMapping(
    {_fold(text): text for spellings in _SPELLINGS.values() for text in reversed(spellings)}
)


def is_metric(name: str) -> bool:
    """Whether a name, such as a column's header, is that of a known metric.

    Example:
        >>> is_metric("Top-1 (%)"), is_metric("img/s")
        (True, False)
    """
    return _fold(name) in _CANONICAL


def canonical_metric(name: str) -> str:
    """Name a metric in the one way by which two spellings can be compared.

    Args:
        name: The metric as a card, or the header of a table's column, writes it.

    Returns:
        The metric's own name; for an unknown one its letters and digits, in small letters.

    Example:
        >>> [canonical_metric(name) for name in ("top1acc", "acc@top1", "Top-1 (%)")]
        ['top1_accuracy', 'top1_accuracy', 'top1_accuracy']
        >>> canonical_metric("MAP"), canonical_metric("F1scorce"), canonical_metric("Set5-psnr")
        ('mAP', 'F1', 'set5psnr')
    """
    folded = _fold(name)
    folded = _fold(_MISSPELLINGS.get(folded, folded))
    return _CANONICAL.get(folded, folded)


def suggest_metric(name: str, extra: Collection[str] = ()) -> str | None:
    """Find the metric that a misspelt name means.

    A name counts as misspelt when cards are known to misspell a metric in this way, or when one
    letter more, less or other, or two letters the other way round, make it a known metric of seven
    characters or more. Digits are never misspelt: ``top3acc`` is a metric of its own.

    Args:
        name: The metric as a card writes it.
        extra: Further names that are right, such as those of other cards.

    Returns:
        The right spelling, or None if the name is known or nothing is near.

    Example:
        >>> suggest_metric("F1scorce"), suggest_metric("precison"), suggest_metric("top3acc")
        ('F1score', 'Precision', None)
    """
    folded = _fold(name)
    more = {_fold(other): other for other in extra}
    if folded in _CANONICAL or folded in more:
        return None
    if folded in _MISSPELLINGS:
        return _MISSPELLINGS[folded]
    if len(folded) < _SHORTEST_LIKENESS:
        return None
    near = _find_near(folded, [*_PREFERRED, *more])
    return None if near is None else more.get(near) or _PREFERRED[near]


def preferred_spelling(name: str) -> str | None:
    """Give the spelling that most cards use, where another differs in case or punctuation alone.

    Returns:
        The spelling, or None if the name is spelt so already, or is unknown.

    Example:
        >>> preferred_spelling("map"), preferred_spelling("imagelevel"), preferred_spelling("mAP")
        ('mAP', 'image-level', None)
    """
    preferred = _PREFERRED.get(_fold(name))
    return None if preferred == name else preferred


def _find_near(folded: str, known: Iterable[str]) -> str | None:
    """The one known name that a single slip of the pen turns into this; None for none or two."""
    near = {other for other in known if _is_one_slip(folded, other)}
    return near.pop() if len(near) == 1 else None


def _is_one_slip(written: str, meant: str) -> bool:
    if abs(len(written) - len(meant)) > 1 or len(meant) < _SHORTEST_LIKENESS - 1:
        return False
    if [*filter(str.isdigit, written)] != [*filter(str.isdigit, meant)]:
        return False
    start = 0
    while start < min(len(written), len(meant)) and written[start] == meant[start]:
        start += 1
    left, right = written[start:], meant[start:]
    swapped = left[:2] == right[1::-1] and left[2:] == right[2:]
    return swapped or left[1:] == right[1:] or left[1:] == right or left == right[1:]
