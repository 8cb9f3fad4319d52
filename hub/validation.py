"""From a card's file to its validated record, or to everything that is wrong with it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NoReturn

from hub.cards.document import Document, parse_document, read_document
from hub.cards.evaluation import Evaluation
from hub.cards.fields import KeyPath, convert_header, find_node
from hub.cards.header import ListNode, MapNode, Node
from hub.cards.record import Card, build_card
from hub.errors import CardError, RegistryError
from hub.ids import ModelId
from hub.problems import Problem
from hub.schema import find_violations, guess_key

_NOT_IN_IDS = re.compile(r"[^\w.+-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Report:
    """What a validation found.

    Attributes:
        checked: The files that were read, in order.
        problems: Everything that is wrong, by file and line; empty if all is well.
    """

    checked: tuple[str, ...]
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def validate_cards(paths: Iterable[str | os.PathLike[str]]) -> Report:
    """Check card files, and every ``.md`` file below folders.

    Args:
        paths: Files and folders.

    Returns:
        All problems of all cards. A card that cannot be read at all is one problem.

    Raises:
        RegistryError: A path does not exist, cannot be read, or holds no card.
    """
    files = [file for path in paths for file in _find_files(os.fspath(path))]
    problems = [problem for file in files for problem in find_problems(file)]
    return Report(tuple(map(str, files)), tuple(problems))


def find_problems(path: Path) -> list[Problem]:
    """List everything that is wrong with the card in a file, by line."""
    try:
        document = read_document(path)
    except CardError as error:
        return list(error.problems)
    values = convert_header(document.header)
    return sorted([*_find_faults(document, values), *_find_omissions(document, values)])


def read_card(path: Path, model_id: ModelId | None = None) -> Card:
    """Read the card in a file.

    Args:
        path: The card's file.
        model_id: The id that the registry knows it by; None makes one of user-id and file name.

    Raises:
        CardError: The card is no valid record; ``problems`` lists every reason.

    Example:
        >>> from hub.resources import cards_folder
        >>> read_card(cards_folder() / "MindSpore" / "efficientnet_b0.md").model_name
        'efficientnet_b0'
    """
    return _build(read_document(path), model_id)


def parse_card(content: bytes, source: str) -> Card:
    """Read a card from its bytes; ``source`` is its path or URL.

    Raises:
        CardError: The card is no valid record; ``problems`` lists every reason.
    """
    return _build(parse_document(content, source), None)


def _build(document: Document, model_id: ModelId | None) -> Card:
    values = convert_header(document.header)
    if problems := sorted(_find_faults(document, values)):
        listed = "\n".join(f"  {problem}" for problem in problems)
        count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
        message = f"{document.source} is not a valid model card, {count}:\n{listed}"
        raise CardError(message, source=document.source, problems=problems)
    return build_card(document, values, model_id or _derive_id(document.source, values["user-id"]))


def _find_faults(document: Document, values: Mapping[str, object]) -> Iterator[Problem]:
    """Find what keeps a card from being a record."""
    yield from _find_repeated_keys(document.source, document.header, ())
    for violation in find_violations(values):
        yield _locate(document, violation.path, violation.message)


def _find_omissions(document: Document, values: Mapping[str, object]) -> Iterator[Problem]:
    """Find what a record can live with, but a careful author would mend."""
    yield from document.faults
    assets = values.get("asset")
    for index, asset in enumerate(assets if isinstance(assets, list) else ()):
        if isinstance(asset, dict) and "asset-sha256" not in asset:
            hint = guess_key("asset-sha256", asset) or "; a file without a digest is refused"
            message = f"is missing{hint}"
            yield _locate(document, ("asset", index, "asset-sha256"), message)
    evaluation = values.get("evaluation")
    broken = any(fault.key == "evaluation" for fault in document.faults)
    for segment in evaluation.unread if isinstance(evaluation, Evaluation) and not broken else ():
        message = f"{segment!r} is not a metric's name and number, or its name is used twice"
        yield _locate(document, ("evaluation",), message)


def _find_repeated_keys(source: str, node: Node, path: KeyPath) -> Iterator[Problem]:
    if isinstance(node, ListNode):
        for index, item in enumerate(node.items):
            yield from _find_repeated_keys(source, item, (*path, index))
    if isinstance(node, MapNode):
        for key in node.repeated:
            message = f"is written twice; the first is in line {node.keys[key.text].line}"
            shown = _format_path((*path, key.text))
            yield Problem(source, key.line, key.column, shown, message)
        for name, value in node.values.items():
            yield from _find_repeated_keys(source, value, (*path, name))


def _locate(document: Document, path: KeyPath, message: str) -> Problem:
    node = find_node(document.header, path)
    line, column = node.line, node.column
    if node is document.header:  # a missing key of the card has no line; show the header's
        line, column = document.fence_line, 1
    return Problem(document.source, line, column, _format_path(path), message)


def _format_path(path: KeyPath) -> str:
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).removeprefix(".")


def _derive_id(source: str, card_owner: object) -> ModelId:
    stem = PurePosixPath(source.partition("?")[0].replace("\\", "/")).stem
    return ModelId(_NOT_IN_IDS.sub("-", str(card_owner)), _NOT_IN_IDS.sub("-", stem))


def _find_files(path: str) -> list[Path]:
    if not os.path.isdir(path):  # noqa: PTH112, that one raises where it may not look
        if not os.path.exists(path):  # noqa: PTH110, likewise
            raise RegistryError(f"{path} does not exist; name card files or folders", location=path)
        return [Path(path)]
    files = [
        Path(folder, name)
        for folder, _, names in os.walk(path, onerror=_refuse_folder)
        for name in names
        if name.endswith(".md") and _is_file(Path(folder, name))
    ]
    if not files:
        raise RegistryError(f"{path} holds no card, no file that ends in .md", location=path)
    return sorted(files)


def _is_file(path: Path) -> bool:
    """Leave out pipes and devices, which could be read for ever, but not broken links."""
    return path.is_file() or not path.exists()


def _refuse_folder(error: OSError) -> NoReturn:
    raise RegistryError(
        f"{error.filename} cannot be read: {error.strerror}", location=str(error.filename)
    ) from error
