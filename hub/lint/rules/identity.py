"""MC7xx: whether header, path, file names and body speak of one model."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import lru_cache

from hub.cards.asset import Asset
from hub.cards.evaluation import Metric
from hub.cards.nodes import ScalarNode, Span
from hub.cards.record import Card
from hub.cards.scalars import write_scalar
from hub.lint.agreement import agree_in_percent, agree_with_name, read_numbers
from hub.lint.rule import Drafts, replace_text, rule, unsafe_fix
from hub.lint.subject import Subject
from hub.lint.wording import fold
from hub.terms.formats import guess_format

_HEX_PART = re.compile(r"[-_.]([0-9a-f]{8,64})(?=[-_.])")
_RELEASE_BRANCH = re.compile(r"/(?:tree|blob|branch)/r(\d{1,3}(?:\.\d{1,3}){1,2})(?=[/?#]|$)")
_RELEASE_IN_LINK = re.compile(r"/r(\d{1,3}(?:\.\d{1,3}){1,2})/")
_STRING = re.compile(r"""(?P<load>(?<!torch\.)\b\w*hub\.load\(\s*)?["'](?P<text>[^"'\n]+)["']""")
_MOST_ASSETS = 50  # that are looked for in the body; an official card has one
_UID = re.compile(r"\s*[\w.-]+/(?:(?:ascend|gpu|cpu)/)?\d+\.\d+(?:\.\d+)?/.+")


@rule("MC701", "user-id-differs", "error")
def find_user_id_differs(card: Subject) -> Drafts:
    """user-id is the owner in whose folder the card lies.

    The folder makes the uid by which the model is loaded; user-id is what a page shows as its
    publisher. If they differ, a user looks for the model under a name that does not exist. Write
    the folder's name (case and punctuation do not count), or move the card.
    """
    node = card.scalar("user-id")
    if card.location is None or node is None:
        return
    user, owner = node.text.lower(), card.location.owner.lower()
    if user and user != owner and fold(user) != fold(owner):
        message = f"'{node.text}' is not the owner of the card's folder, '{card.location.owner}'"
        yield card.flag("user-id", message)


@rule("MC702", "version-differs", "error")
def find_version_differs(card: Subject) -> Drafts:
    """mindspore-version is the version in whose folder the card lies.

    The folder decides which release of MindSpore is offered the model; the key decides whether
    mshub loads it. One of them is wrong if they differ. Mend the key, or move the card.
    """
    version = card.record.mindspore_version if card.record else None
    if card.location and version and _trim(version) != _trim(card.location.version):
        node, right = card.scalar("mindspore-version"), str(card.location.version)
        fix = (
            unsafe_fix(f"write {right}", card.rewrite(node, write_scalar(right))) if node else None
        )
        message = f"{version} is not the version of the card's folder, {card.location.version}"
        yield card.flag("mindspore-version", message, fix)


def _trim(version: tuple[int, ...]) -> tuple[int, ...]:
    """A version without zeros at its end: 2.5.0 is 2.5."""
    while version and not version[-1]:
        version = version[:-1]
    return tuple(version)


@rule("MC703", "title-differs")
def find_title_differs(card: Subject) -> Drafts:
    """The title line names the model.

    People read the title, programs read model-name; two names for one card look like two models.
    Give both the same name; case and punctuation may differ.
    """
    title, name = card.document.title, card.record.model_name if card.record else ""
    if title and name and title != name and fold(title) != fold(name):
        message = f"the title says '{title}', model-name '{name}'"
        yield card.flag("", message, at=_place_title(card, title))


@rule("MC704", "title-case", "note")
def find_title_case(card: Subject) -> Drafts:
    """The title line writes model-name as the header does.

    A search for the exact name finds both only if case and punctuation agree too. Write in the
    title what model-name says.
    """
    title, name = card.document.title, card.record.model_name if card.record else ""
    if title and title != name and fold(title) == fold(name):
        place = _place_title(card, title)
        fix = unsafe_fix(f"write {name}", replace_text(place, name)) if name.isprintable() else None
        yield card.flag("", f"the title writes '{title}', model-name '{name}'", fix, at=place)


def _place_title(card: Subject, title: str) -> Span:
    start = card.text.index(title)
    return Span(start, start + len(title))


@rule("MC705", "stem-dataset", "note")
def find_stem_dataset(card: Subject) -> Drafts:
    """The file's name holds the data set.

    The official names are model and data set ('resnet50_imagenet2012.md'), since one model is
    often trained on several. A name without it says less, and may be wanted for another card. Add
    the data set when the card is next published; a published uid should not change.
    """
    if card.location is None or card.record is None or not card.record.datasets:
        return
    stem = fold(card.location.stem)
    stated = card.record.train_dataset or ""
    names = [stated, *re.split(r"[|_,]", stated)]
    if not any(name and name in stem for name in map(fold, names)):
        message = f"the file's name '{card.location.stem}.md' does not hold the data set '{stated}'"
        yield card.flag("train-dataset", message)


@rule("MC706", "uppercase-stem", "note")
def find_uppercase_stem(card: Subject) -> Drafts:
    """The file's name is in small letters.

    It is part of the uid, which must be typed exactly; and two names that differ in case alone
    cannot lie in one folder on Windows and macOS. Name new cards in small letters.
    """
    if card.location and card.location.stem != card.location.stem.lower():
        yield card.flag(
            "", f"the file's name '{card.location.stem}.md' has capital letters", at=card.top
        )


@rule("MC707", "release-differs", "error")
def find_release_differs(card: Subject) -> Drafts:
    """A release branch in repo-link is that of the card's folder.

    The branch r1.10 holds the code for MindSpore 1.10; code of another release may not build the
    network that the checkpoint fits. Name the folder's branch. Tags such as v0.5.0 are versions
    of their own and are not compared.
    """
    location, link = card.location, card.record.repo_link if card.record else None
    branch = _RELEASE_BRANCH.search(link) if location and link else None
    if location and branch and not _is_version(branch[1], location.version):
        message = f"branch r{branch[1]} is not that of the card's folder, {location.version}"
        yield card.flag("repo-link", message)


@lru_cache(maxsize=64)
def _is_version(text: str, version: tuple[int, ...]) -> bool:
    return _trim(tuple(map(int, text.split(".")))) == _trim(version)


def _assets(card: Subject) -> tuple[Asset, ...]:
    return card.record.assets if card.record else ()


@rule("MC711", "digest-not-in-name", "error")
def find_digest_not_in_name(card: Subject) -> Drafts:
    """The digest in a file's name is the beginning of its asset-sha256.

    Publishers put the first digits of a file's digest into its name. If the card states others,
    link and digest are of two files, and every download is refused. Take both from one file.
    """
    for asset in _assets(card):
        found = _HEX_PART.findall(asset.filename.lower()) if asset.digest else ()
        parts = [part for part in found if not part.isdigit() and not part.isalpha()]  # no dates
        stated = asset.digest.hex if asset.digest else ""
        if parts and not any(p.startswith(stated) or stated.startswith(p) for p in parts):
            message = f"the file's name says {parts[0][:16]}, the digest begins {stated[:16]}"
            yield card.flag(f"{asset.key}.asset-sha256", message)


@rule("MC712", "extension-mismatch", "error")
def find_extension_mismatch(card: Subject) -> Drafts:
    """file-format is what the file's name says.

    Loaders choose by file-format how to read a file; a MindSpore Lite model (.ms) read as a
    checkpoint fails only after the download. Write the format of the linked file.
    """
    for asset in _assets(card):
        expected = guess_format(asset.link)
        stated = asset.file_format
        if not expected or stated in {"", expected}:
            continue
        if stated not in card.vocabulary.file_formats:
            key = f"{asset.key}.file-format"
            node, fix = card.document.find(key), None
            if isinstance(node, ScalarNode):
                fix = unsafe_fix(f"write {expected}", card.rewrite(node, expected))
            message = f"'{stated}' does not fit the file {asset.filename}, which is {expected}"
            yield card.flag(key, message, fix)


@rule("MC713", "link-version-differs", "error")
def find_link_version_differs(card: Subject) -> Drafts:
    """A release in an asset's link is that of the card's folder.

    The files below /models/r1.9/ were trained and saved with 1.9, and a card of another folder
    that links them was most likely copied and not finished. Link the file of the folder's release.
    """
    location = card.location
    for asset in _assets(card) if location else ():
        found = _RELEASE_IN_LINK.search(asset.link)
        if found and location and not _is_version(found[1], location.version):
            message = f"the link is of r{found[1]}, the card's folder of {location.version}"
            yield card.flag(f"{asset.key}.asset-link", message)


@rule("MC714", "metric-vs-filename")
def find_metric_vs_filename(card: Subject) -> Drafts:
    """A metric in a file's name is the one that evaluation states.

    '…_acc88.0.ckpt' was named when it was measured. If evaluation says another number, the file or
    the number is of another training. State what was measured with this file.
    """
    record = card.record
    if record is None or not record.evaluation.metrics:
        return
    filenames = {asset.filename: None for asset in record.assets}
    all_names = "\n".join(filenames).lower()
    stated: dict[str, list[Metric]] = defaultdict(list)
    for metric in record.evaluation.metrics:
        stated[metric.name].append(metric)
    for name, (metric, *others) in stated.items():
        if name.lower() not in all_names:
            continue
        numbers = {number: None for file in filenames for number in read_numbers(file, name)}
        values = {metric.value, *(other.value for other in others)}
        if numbers and not any(agree_with_name(v, number) for v in values for number in numbers):
            message = f"{name} is {metric.value} here, {next(iter(numbers))} in the file's name"
            yield card.flag("evaluation", message, at=card.place_metric(metric))


@rule("MC721", "usage-uid", "error")
def find_usage_uid(card: Subject) -> Drafts:
    """The code of the card loads the card's own model.

    People copy these lines. With another card's uid they get another model, often without
    noticing. The uid is the path of the card below the registry, without '.md'.
    """
    if card.location is None or "load(" not in card.text:
        return
    uid = card.location.uid
    if f'"{uid}"' in card.text or f"'{uid}'" in card.text:
        return
    for block in card.body.code_blocks:
        for found in _STRING.finditer(card.text, block.start, block.end):
            text = found["text"]
            if found["load"] or _UID.fullmatch(text):
                place = Span(*found.span("text"))
                fix = unsafe_fix(f"write {uid}", replace_text(place, uid))
                yield card.flag("", f"'{text}' is not this card's uid, {uid}", fix, at=place)


@rule("MC722", "metric-table-mismatch", "error")
def find_metric_table_mismatch(card: Subject) -> Drafts:
    """The header's evaluation states what the card's result table states.

    One card with two numbers for one metric leaves open which of them the checkpoint reaches; who
    compares models by the header compares something else than who reads the table. State the
    number that was measured with the linked file in both places.
    """
    record = card.record
    if record is None or not record.evaluation.metrics or not _has_tables(card):
        return
    row = record.result()
    groups: dict[str, list[Metric]] = {}  # a metric that is stated twice may be right once
    for metric in record.evaluation.metrics if row else ():
        groups.setdefault(metric.canonical, []).append(metric)
    for name, metrics in groups.items():
        cell = row.metrics.get(name) if row else None
        if cell and not any(agree_in_percent(metric.value, cell.value) for metric in metrics):
            line, _ = card.document.place(cell.start)
            numbers = f"{metrics[0].value} here, {cell.value} in the table (line {line})"
            message = f"{metrics[0].name} is {numbers}; state one number in both"
            yield card.flag("evaluation", message, at=card.place_metric(metrics[0]))


def _has_tables(card: Subject) -> bool:
    fences = card.document.fences
    return len(fences) > 1 and card.text.find("|", fences[1].end) >= 0


@rule("MC723", "asset-not-in-body")
def find_asset_not_in_body(card: Subject) -> Drafts:
    """A body that links weights links those of the header too.

    The table says what its weights reach. If the header offers another file, nobody can tell
    what that one reaches, and two readers of one card work with two models. Link the same file.
    """
    record = card.record
    if record is None or len(card.document.fences) < 2:
        return
    body = card.text[card.document.fences[1].end :]
    weights: dict[str, str] | None = None
    for asset in record.assets[:_MOST_ASSETS]:
        filename = asset.filename
        stem, _, ending = filename.rpartition(".")
        if not stem or f".{ending}" not in body or filename in body:
            continue
        if weights is None:
            weights = _read_weights(record)
        if ending in weights:
            message = f"the body does not link {filename}, but {weights[ending]}"
            yield card.flag(f"{asset.key}.asset-link", message)


def _read_weights(record: Card) -> dict[str, str]:
    """The files that the body links, the first of each ending; the model's own row comes first."""
    row = record.result()
    targets = [row.weights] if row and row.weights else []
    targets += [link.target for link in record.body.links]
    names: dict[str, str] = {}
    for target in targets:
        name = Asset("", target, None).filename
        names.setdefault(name.rpartition(".")[2], name)
    return names
