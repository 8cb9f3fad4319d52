"""The ``module-type`` line of a card: a field, and often a task in it, as in ``nlp-dialogue``.

Sources: the fields are those that MindSpore Hub's own validator accepts, and those that its
example card (``commit_example.md``) adds to them; the tasks are those of the example card. Here
they are in lower case, since cards write ``audio-TTS`` and ``audio-tts``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "3d": "3D vision",
        "audio": "audio",
        "cv": "computer vision",
        "cvtmodel": "converted models",
        "gnn": "graph neural networks",
        "hpc": "high-performance computing",
        "mm": "multimodal",
        "nlp": "natural language processing",
        "other": "other",
        "others": "other",
        "recommend": "recommendation",
        "rl": "reinforcement learning",
        "video": "video",
    }
)
"""The closed list of fields, each in a reader's words."""


def _split(words: str) -> tuple[str, ...]:
    return tuple(words.split())


TASKS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "3d": _split(
            "reconstruction pose_estimation shape_reconstruction shape_representation"
            " object_classification shape_classification shape_generation point_cloud_matching"
            " depth_estimation object_detection instance_segmentation"
            " semantic_instance_segmentation object_recognition others"
        ),
        "audio": _split(
            "music_generation generation classification environmental_sound_classification"
            " acoustic_scene_classification sound_event_detection tagging super_resolution"
            " speech_analysis speech_recognition emotion_recognition speech_enhancement"
            " speaker_verification voice_conversion speech_separation"
            " spoken_language_understanding keyword_spotting speaker_recognition tts others"
        ),
        "cv": _split(
            "classification object_detection object_tracking image_generation image_denoise"
            " super_resolution image_enhancement instance_segmentation semantic_segmentation"
            " panoptic_segmentation keypoint_detection face_recognition ocr pose_estimation"
            " medical_imaging anomaly_detection metric_learning others"
        ),
        "nlp": _split(
            "representation_learning machine_translation question_answering language_modelling"
            " text_classification sentiment_analysis text_augmentation text_generation"
            " named_entity_recognition text_summarization reading_comprehension"
            " relation_extraction image_captioning dependency_parsing dialogue"
            " semantic_textual_similarity others"
        ),
        "recommend": _split(
            "click_through_rate_prediction session_based next_basket content_understanding recall"
            " rank multi_task match re_rank others"
        ),
        "rl": _split(
            "curriculum_learning self_paced_learning temporal_difference_update"
            " monte_carlo_update offline online model_free model_based others"
        ),
        "video": _split(
            "super_resolution object_segmentation prediction classification action_classification"
            " object_tracking understanding generation retrieval recognition frame_interpolation"
            " multiple_object_tracking compression motion_compensation others"
        ),
    }
)
"""The documented tasks by field; a field that is not here has none."""

_OTHER_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "computervision": "cv",
        "graph": "gnn",
        "image": "cv",
        "language": "nlp",
        "multimodal": "mm",
        "naturallanguageprocessing": "nlp",
        "recommendation": "recommend",
        "recommender": "recommend",
        "reinforcementlearning": "rl",
        "science": "hpc",
        "sound": "audio",
        "speech": "audio",
        "text": "nlp",
        "vision": "cv",
    }
)
_OTHER_TASKS: Mapping[str, str] = MappingProxyType(
    {
        "asr": "speech_recognition",
        "ctr": "click_through_rate_prediction",
        "ctrprediction": "click_through_rate_prediction",
        "denoising": "image_denoise",
        "detection": "object_detection",
        "imageclassification": "classification",
        "mt": "machine_translation",
        "ner": "named_entity_recognition",
        "opticalcharacterrecognition": "ocr",
        "qa": "question_answering",
        "reid": "metric_learning",
        "summarization": "text_summarization",
        "texttospeech": "tts",
        "tracking": "object_tracking",
        "translation": "machine_translation",
    }
)
_NOT_FOLDED = re.compile(r"[\W_]+")
_LONGEST_TYPO = 80  # characters; whatever is longer is no misspelt word


class ModuleType(NamedTuple):
    """What kind of model a card describes.

    Attributes:
        text: The value as it stands in the card.
        field: What stands before the first ``-``, in lower case.
        task: What stands behind it, in lower case, or None.
    """

    text: str
    field: str
    task: str | None


def read_module_type(text: str) -> ModuleType:
    """Split a ``module-type`` value at its first ``-``; nothing is checked.

    Args:
        text: The value of the card.

    Returns:
        Field and task as they are written, but in lower case.

    Example:
        >>> read_module_type("cv-classification")
        ModuleType(text='cv-classification', field='cv', task='classification')
        >>> read_module_type("audio-TTS").task
        'tts'
        >>> read_module_type("cv-super-resolution").task
        'super-resolution'
        >>> print(read_module_type("nlp").task)
        None
    """
    field, _, task = text.lower().partition("-")
    return ModuleType(text, field.strip(), task.strip() or None)


def suggest_field(field: str) -> str | None:
    """Find the field of ``FIELDS`` that an unknown one was probably meant to be.

    Args:
        field: The ``field`` of a module type.

    Returns:
        The nearest field; None if ``field`` is one itself, or if nothing is near.

    Example:
        >>> suggest_field("recomend"), suggest_field("vision")
        ('recommend', 'cv')
        >>> print(suggest_field("cv"))
        None
    """
    return None if field in FIELDS else _find_nearest(field, FIELDS, _OTHER_FIELDS, 0.8)


def suggest_task(field: str, task: str) -> str | None:
    """Find the documented task of a field that an undocumented one was probably meant to be.

    Args:
        field: The ``field`` of a module type.
        task: The ``task`` of a module type.

    Returns:
        The nearest task; None if ``task`` is documented, or if nothing is near.

    Example:
        >>> suggest_task("cv", "super-resolution")
        'super_resolution'
        >>> print(suggest_task("nlp", "natural_language_understanding"))
        None
    """
    tasks = TASKS.get(field, ())
    return None if task in tasks else _find_nearest(task, tasks, _OTHER_TASKS, 0.84)


def _find_nearest(
    word: str, known: Iterable[str], others: Mapping[str, str], likeness: float
) -> str | None:
    """Find a word of a list by its folded form, by another name for it, or by a near spelling."""
    spellings = {_fold(name): name for name in known}
    folded = _fold(word)
    if folded in spellings:
        return spellings[folded]
    if others.get(folded) in spellings.values():
        return others[folded]
    if len(folded) > _LONGEST_TYPO:
        return None
    from difflib import get_close_matches  # for the few names that are not known

    near = get_close_matches(folded, spellings, n=1, cutoff=likeness)
    return spellings[near[0]] if near else None


def _fold(word: str) -> str:
    return _NOT_FOLDED.sub("", word.lower())
