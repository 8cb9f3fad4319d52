"""MC3xx, continued: the fields whose words come from a list that others share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from hub.cards.nodes import ScalarNode, Span
from hub.lint.rule import Drafts, replace_text, rule, unsafe_fix
from hub.lint.subject import Subject
from hub.lint.wording import fold, shorten
from hub.terms.datasets import Dataset, read_datasets, suggest_dataset
from hub.terms.licenses import spdx_license
from hub.terms.modules import FIELDS, TASKS, read_module_type, suggest_field, suggest_task

_BOILERPLATE = re.compile(r".{1,80}? is used for (?:an? )?[\w/-]+\.?")
_WORD = re.compile(r"[^/|,]+")
_MOST_SUGGESTIONS = 20  # of one key of a card; to find one takes a while
_USES = ("inference", "transfer-learning", "extract-feature")
_BACKENDS = ("ascend", "gpu", "cpu")
_WORDS = (("used-for", _USES), ("train-backend", _BACKENDS), ("infer-backend", _BACKENDS))


@rule("MC307", "bad-module-type", "error")
def find_bad_module_type(card: Subject) -> Drafts:
    """``module-type`` begins with a field that the format knows.

    Sites and programs sort models by it, and the official validator refuses any other. The fields
    are audio, cv, cvtmodel, gnn, hpc, mm, nlp, recommend, rl, video, 3d and other; a task may
    follow, as in ``cv-classification``. List one of your own under ``[tool.mshub.vocabularies]``
    as one of ``module-types``.
    """
    node = card.scalar("module-type")
    if node is None or not node.text.strip():
        return
    module = read_module_type(node.text.strip())
    if module.field in FIELDS or {module.field, module.text} & card.vocabulary.module_types:
        return
    right = suggest_field(module.field)
    message = f"{shorten(module.field)} is no field that the format knows"
    fix = None
    if right:
        message += f"; {right} is one"
        line = f"{right}-{module.task}" if module.task else right
        fix = unsafe_fix(f"write {line}", card.rewrite(node, line))
    yield card.flag("module-type", message, fix, at=node)


@rule("MC308", "unknown-task")
def find_unknown_task(card: Subject) -> Drafts:
    """The task in ``module-type`` is one that is documented for its field.

    Whoever looks for models of a task finds none that name it in their own way. The tasks are
    those of MindSpore Hub's example card, such as ``cv-object_detection`` or
    ``nlp-text_classification``. If none fits, write the field alone, or list yours under
    ``[tool.mshub.vocabularies]`` as one of ``module-types``.
    """
    node = card.scalar("module-type")
    if node is None or "-" not in node.text:
        return
    module = read_module_type(node.text.strip())
    tasks = TASKS.get(module.field, ())
    if not module.task or not tasks or module.task in tasks:
        return
    if {module.text, f"{module.field}-{module.task}"} & card.vocabulary.module_types:
        return
    right = suggest_task(module.field, module.task)
    message = f"{shorten(module.task)} is no documented task of {module.field}"
    fix = None
    if right:
        message += f"; {right} is one"
        line = f"{node.text.strip().partition('-')[0]}-{right}"
        fix = unsafe_fix(f"write {line}", card.rewrite(node, line))
    yield card.flag("module-type", message, fix, at=node)


@rule("MC309", "unknown-dataset")
def find_unknown_dataset(card: Subject) -> Drafts:
    """``train-dataset`` names data sets that are known.

    Whoever looks for models by their data finds none with a name that nobody else uses. If
    it is a misspelling, correct it; several names are separated by ``|``. If the data set is one
    of your own, list it under ``[tool.mshub.vocabularies]`` as one of ``datasets``.
    """
    place: Span | None = None
    judged: set[str] = set()
    for node, dataset in _datasets(card):
        if dataset.canonical is None and dataset.text not in judged:
            judged.add(dataset.text)
            right = None
            if len(judged) <= _MOST_SUGGESTIONS:
                right = suggest_dataset(dataset.text, card.vocabulary.datasets)
            place = card.find_part(node, dataset.text, place.end if place else 0)
            message = f"{shorten(dataset.text)} is no known data set"
            fix = None
            if right:
                message += f"; {right} is one"
                fix = unsafe_fix(f"write {right}", replace_text(place, right)) if place else None
            yield card.flag("train-dataset", message, fix, at=place)


@rule("MC310", "dataset-alias", "note")
def find_dataset_alias(card: Subject) -> Drafts:
    """A data set goes by its own name.

    mshub knows the other names, and some misspellings (ILSVRC2012 for ImageNet2012, citesser for
    CiteSeer), and finds the card by any of them; other programs do not. Write the name.
    """
    yield from _flag_spelling(card, "another name of", same_letters=False)


@rule("MC311", "dataset-not-stated", "note")
def find_no_dataset_stated(card: Subject) -> Drafts:
    """``train-dataset`` names a data set.

    ``N/A`` or ``-`` says that there is none, or that nobody knows. Whoever judges a model wants to
    know what it has learned from: name the data, also if it is not public.
    """
    node = card.scalar("train-dataset")
    if node and node.text.strip() and next(_datasets(card), None) is None:
        yield card.flag("train-dataset", f"{shorten(node.text)} names no data set", at=node)


@rule("MC312", "dataset-spelling", "note")
def find_dataset_spelling(card: Subject) -> Drafts:
    """The name of a data set is spelt as its publishers spell it.

    imagenet2012 and ImageNet2012 are one data set to mshub, and two to programs that compare
    letters. Write the name as its publishers do.
    """
    yield from _flag_spelling(card, "properly spelt", same_letters=True)


@rule("MC313", "no-dataset", "note")
def find_no_dataset(card: Subject) -> Drafts:
    """A card says what the model was trained on.

    The format does not require ``train-dataset``, but nobody can judge a model's metrics, or what
    it may be used for, without it. Add the key.
    """
    node = card.header.values.get("train-dataset")
    if card.header.values and (
        node is None or (isinstance(node, ScalarNode) and not node.text.strip())
    ):
        place = card.header.keys.get("train-dataset", card.top)
        yield card.flag("train-dataset", "is missing; name the data set", at=place)


@rule("MC314", "license-not-spdx", "note")
def find_license_spelling(card: Subject) -> Drafts:
    """``license`` is an SPDX identifier.

    Tools that check licences know them by the identifiers of the SPDX list: Apache-2.0, where the
    official cards write Apache2.0. mshub reads both. Write the identifier.
    """
    node = card.scalar("license")
    text = node.text.strip() if node else ""
    spdx = spdx_license(text) if text and text not in card.vocabulary.licenses else None
    if node and spdx and spdx != text:
        fix = unsafe_fix(f"write {spdx}", card.rewrite(node, spdx))
        message = f"{shorten(text)} is {shorten(spdx)} on the SPDX list"
        yield card.flag("license", message, fix, at=node)


@rule("MC315", "unlisted-license")
def find_unlisted_license(card: Subject) -> Drafts:
    """``license`` is a licence that is known.

    Whoever wants to use a model must find out first whether they may, and a licence that no list
    has is one to be read by a lawyer. Write its SPDX identifier, such as Apache-2.0 or MIT. If the
    licence is on no list, write ``LicenseRef-`` and its name, or list it under
    ``[tool.mshub.vocabularies]`` as one of ``licenses``.
    """
    node = card.scalar("license")
    text = node.text.strip() if node else ""
    if text and text not in card.vocabulary.licenses and spdx_license(text) is None:
        message = f"{shorten(text)} is no licence on the SPDX list; write LicenseRef-… for it"
        yield card.flag("license", message, at=node)


@rule("MC316", "boilerplate-summary", "note")
def find_boilerplate_summary(card: Subject) -> Drafts:
    """``summary`` says something of the model that other keys do not.

    "X is used for cv" repeats model-name and module-type; search and lists show nothing by it. Say
    in one sentence what the model does, and what sets it apart.
    """
    node = card.scalar("summary")
    if node and " is used for " in node.text and _BOILERPLATE.fullmatch(node.text.strip()):
        yield card.flag(
            "summary", "repeats model-name and module-type; say what is special", at=node
        )


@rule("MC317", "unknown-word")
def find_unknown_word(card: Subject) -> Drafts:
    """``used-for``, ``train-backend`` and ``infer-backend`` have the words of the format.

    They are inference, transfer-learning and extract-feature; and ascend, gpu and cpu. Several
    are separated by ``/``. Programs choose cards by them, and the official validator refuses any
    other.
    """
    for key, known in _WORDS:
        node = card.scalar(key)
        if node is None or node.text.lower() in known:
            continue
        place, strangers = None, 0
        for match in _WORD.finditer(node.text):
            word = match[0].strip()
            if word and word.lower() not in known:
                strangers += 1
                near = None
                if strangers <= _MOST_SUGGESTIONS:
                    near = get_close_matches(word.lower(), known, n=1, cutoff=0.75)
                place = card.find_part(node, word, place.end if place else 0)
                fix = None
                if near and place:
                    fix = unsafe_fix(f"write {near[0]}", replace_text(place, near[0]))
                message = f"{shorten(word)} is none of {', '.join(known)}"
                yield card.flag(key, message, fix, at=place)


def _datasets(card: Subject) -> Iterator[tuple[ScalarNode, Dataset]]:
    node = card.scalar("train-dataset")
    if node is None:
        return
    if card.record and not card.vocabulary.datasets:
        datasets = card.record.datasets
    else:
        datasets = read_datasets(node.text, card.vocabulary.datasets)
    for dataset in datasets:
        yield node, dataset


def _flag_spelling(card: Subject, words: str, *, same_letters: bool) -> Drafts:
    place: Span | None = None
    for node, dataset in _datasets(card):
        right = dataset.canonical
        if not right or right == dataset.text:
            continue
        if (fold(right) == fold(dataset.text)) == same_letters:
            place = card.find_part(node, dataset.text, place.end if place else 0)
            fix = unsafe_fix(f"write {right}", replace_text(place, right)) if place else None
            yield card.flag(
                "train-dataset", f"{shorten(dataset.text)} is {words} {right}", fix, at=place
            )
