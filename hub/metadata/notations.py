"""Cards as JSON and as YAML for other programs, and back.

A card's values are its title, the keys of its header under the format's English names, and its
body. Everything that a number would spoil is text, as written: versions (``1.10``), digests
(``0e737186``) and the values of metrics (``76.00``); days are in ISO 8601.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import yaml

from hub.cards import fields
from hub.cards.document import Document
from hub.cards.evaluation import Evaluation
from hub.cards.nodes import ListNode, Node, ScalarNode, YamlFault, to_plain
from hub.cards.record import Card
from hub.cards.yaml_values import read_entry
from hub.errors import CardError
from hub.metadata.layout import write_document
from hub.schema import Violation, find_violations

_DEEPEST = 6  # levels of nesting; the header's reader takes two more
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_SURROGATE = re.compile("[\ud800-\udfff]")
_FLAGS = frozenset({"fine-tunable"})
_NO_BLOCK = re.compile(
    "[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-]"
)


class CardDumper(yaml.SafeDumper):
    r"""Writes YAML that readers of YAML 1.1 and of 1.2 take for the same values.

    A text is written plain only if it begins with a letter and is no word that a reader may take
    for a boolean; so what looks like a number or a day is in quotes. There are no anchors, which
    our own reader refuses.

    Example:
        >>> values = {"license": "MIT", "asset-sha256": "0e737186", "used-for": "no"}
        >>> print(yaml.dump(values, Dumper=CardDumper, sort_keys=False), end="")
        license: MIT
        asset-sha256: '0e737186'
        used-for: 'no'
    """

    def ignore_aliases(self, data: object) -> bool:
        """Write everything in full, where it stands."""
        del data
        return True

    def represent_data(self, data: object) -> yaml.Node:
        """Choose quotes for a text, and the digits as they are for a decimal number."""
        if isinstance(data, str):
            return self.represent_scalar("tag:yaml.org,2002:str", data, style=_choose_style(data))
        if isinstance(data, Decimal):
            digits = f"{data:f}"
            kind = "float" if "." in digits else "int"
            return self.represent_scalar(f"tag:yaml.org,2002:{kind}", digits)
        node: yaml.Node = super().represent_data(data)
        return node


def write_yaml(values: Mapping[str, object]) -> str:
    r"""Write values as YAML for every reader; see :class:`CardDumper`.

    Args:
        values: Texts, booleans, numbers, and lists and maps of them.

    Example:
        >>> write_yaml({"mindspore-version": "1.10", "title": "b0"})
        "mindspore-version: '1.10'\ntitle: b0\n"
    """
    return yaml.dump(
        values, Dumper=CardDumper, sort_keys=False, allow_unicode=True, width=float("inf")
    )


def read_yaml(text: str, source: str = "<yaml>") -> dict[str, object]:
    r"""Read YAML without its guesses: every scalar is the text that is written.

    Args:
        text: A map in YAML.
        source: The name that errors are reported under.

    Raises:
        CardError: It is not YAML, no map, nests over 8 levels deep, or uses anchors or tags.

    Example:
        >>> read_yaml("mindspore-version: 1.10\nfine-tunable: no")
        {'mindspore-version': '1.10', 'fine-tunable': 'no'}
    """
    text = text.replace("\r\n", "\n").removeprefix("\ufeff")
    try:
        entry, faults = read_entry(text, 0, len(text))
    except YamlFault as fault:
        raise _refuse(source, str(fault), text, fault.place) from fault
    if faults:
        raise _refuse(source, faults[0].message, text, faults[0].start)
    return {key: to_plain(node) for key, node in entry.values.items()}


def to_values(card: Card | Document) -> dict[str, object]:
    """Return a card as values that JSON and YAML can hold.

    Args:
        card: A card, or a document that need not be one.

    Returns:
        ``title`` if there is one, the header's keys in the header's order, and ``body``. A day is
        in ISO 8601, a link without ``<…>``, ``fine-tunable`` a boolean and ``evaluation`` a list:
        ``{"name": "top1acc", "value": "76.00"}`` for each metric, the number as text so that no
        reader changes its digits; ``{"text": "2.2m"}`` for what is none; and no item if the card
        says that there are none. What cannot be understood stays the text that it is.

    Raises:
        CardError: The card is not UTF-8 text, or its header has a key ``title`` or ``body``.

    Example:
        >>> from hub.resources import cards_folder
        >>> path = cards_folder() / "MindSpore" / "efficientnet_b0.md"
        >>> values = to_values(Document.read(path))
        >>> values["mindspore-version"], values["update-time"], values["fine-tunable"]
        ('2.5', '2025-03-10', True)
        >>> values["evaluation"][0]
        {'name': 'top1acc', 'value': '76.88'}
    """
    document = card.document if isinstance(card, Card) else card
    if any(fault.kind == "not-utf8" for fault in document.faults):
        reason = "not UTF-8 text, which JSON and YAML cannot hold; save the card as UTF-8"
        raise _refuse(document.source, reason)
    for key in ("title", "body"):
        if key in document.header.values:
            reason = f"the header's key {key!r} is the name of another part; rename the key"
            raise _refuse(document.source, reason, document.text, document.header.keys[key].start)
    title = {"title": document.title} if document.title else {}
    header = {key: _convert(key, node) for key, node in document.header.values.items()}
    for key, value in header.items():
        if any(_SURROGATE.search(text) for text in _list_texts(value)):
            place = document.header.values[key].start
            raise _refuse(document.source, f"{key} has half of a character", document.text, place)
    return {**title, **header, "body": document.body.text}


def to_json(card: Card | Document) -> str:
    """Return a card's values as JSON; see :func:`to_values`.

    Raises:
        CardError: As :func:`to_values` says.

    Example:
        >>> from hub.resources import cards_folder
        >>> card = Document.read(cards_folder() / "MindSpore" / "efficientnet_b0.md")
        >>> json.loads(to_json(card))["asset"][0]["asset-sha256"]
        'f8d7aa2a'
    """
    return json.dumps(to_values(card), indent=2, ensure_ascii=False) + "\n"


def to_yaml(card: Card | Document) -> str:
    """Return a card's values as YAML that every reader understands alike; see :func:`to_values`.

    Raises:
        CardError: As :func:`to_values` says.

    Example:
        >>> from hub.resources import cards_folder
        >>> card = Document.read(cards_folder() / "MindSpore" / "efficientnet_b0.md")
        >>> to_yaml(card).splitlines()[:3]
        ['title: efficientnet_b0', 'model-name: efficientnet_b0', 'backbone-name: efficientnet']
    """
    return write_yaml(to_values(card))


def from_values(values: Mapping[str, object], source: str = "<values>") -> Document:
    """Write a card from its values, in the specification's layout.

    Args:
        values: What :func:`to_values` gives. Versions may be numbers and days ``datetime.date``;
            ``evaluation`` may be the line as it stands in a card.
        source: The name that errors, and findings in the new card, are reported under.

    Raises:
        CardError: The schema refuses the values, and every reason is named; or they hold what no
            header can: a malformed key, a metric's name that ends in a digit, deep nesting.

    Example:
        >>> from hub.resources import cards_folder
        >>> card = Document.read(cards_folder() / "MindSpore" / "efficientnet_b0.md")
        >>> from_values(to_values(card)).line(21)
        'update-time: 2025-03-10'
        >>> from_values({"model-name": "b0"})
        Traceback (most recent call last):
        hub.errors.CardError: <values>: no card can be written of this, 12 things are wrong:
        backbone-name is missing
        ...
    """
    _check_depth(values, source)
    violations = [*find_violations(values), *_check_day(values)]
    if violations:
        count = len(violations)
        reason = "\n".join(map(str, violations))
        found = f"{count} things are" if count > 1 else "one thing is"
        message = f"{source}: no card can be written of this, {found} wrong:\n{reason}"
        raise CardError(message, source=source, reason=reason)
    return write_document(values, source)


def from_json(text: str, source: str = "<json>") -> Document:
    """Write a card from JSON; see :func:`from_values`.

    Raises:
        CardError: It is not JSON, or no card's values.
    """
    try:
        values = json.loads(text.removeprefix("\ufeff"), parse_float=Decimal)
    except json.JSONDecodeError as error:
        raise _refuse(source, f"not JSON: {error.msg}", text, error.pos) from error
    except (RecursionError, ValueError) as error:  # deep nesting; a number of 5,000 digits
        raise _refuse(source, "JSON nested too deeply, or with too long a number") from error
    if not isinstance(values, dict):
        raise _refuse(source, "not the values of a card: JSON, but no object")
    return from_values(values, source)


def from_yaml(text: str, source: str = "<yaml>") -> Document:
    """Write a card from YAML; see :func:`from_values`. Versions need no quotes here.

    Raises:
        CardError: It is not YAML, or no card's values.
    """
    return from_values(restore_flags(read_yaml(text, source)), source)


def restore_flags(values: Mapping[str, object]) -> dict[str, object]:
    """Turn the texts of keys that are true or false into booleans.

    Args:
        values: A card's values, every scalar as text, as :func:`read_yaml` gives them.

    Example:
        >>> restore_flags({"fine-tunable": "true", "summary": "true"})
        {'fine-tunable': True, 'summary': 'true'}
    """
    restored = dict(values)
    for key in _FLAGS & values.keys():
        flag = fields.read_boolean(str(values[key]))
        restored[key] = values[key] if flag is None else flag
    return restored


def _choose_style(text: str) -> str | None:
    if "\n" in text:
        return '"' if text[0].isspace() or _NO_BLOCK.search(text) else "|"
    if not text.isprintable():
        return '"'
    begins_plain = text[:1].isascii() and text[:1].isalpha()
    return None if begins_plain and text.lower() not in _WORDS else "'"


def _convert(key: str, node: Node) -> object:
    if key == "asset" and isinstance(node, ListNode):
        return [_convert_asset(item) for item in node.items]
    if not isinstance(node, ScalarNode):
        return _strip(to_plain(node))
    text = node.text.strip()
    if key == "evaluation":
        return _convert_metrics(Evaluation(text)) if text else ""
    if key == "update-time" and (day := fields.read_date(text)):
        return day.isoformat()
    if key == "repo-link":
        return fields.read_link(text)
    flag = fields.read_boolean(text) if key in _FLAGS else None
    return text if flag is None else flag


def _convert_asset(node: Node) -> object:
    plain = _strip(to_plain(node))
    if isinstance(plain, dict):
        for key, convert in (("file-format", str.lower), ("asset-link", fields.read_link)):
            if isinstance(plain.get(key), str):
                plain[key] = convert(plain[key])
    return plain


def _convert_metrics(evaluation: Evaluation) -> list[dict[str, str]]:
    parts = {part.start: {"text": part.text} for part in evaluation.unparsed}
    for metric in evaluation.metrics:
        number = evaluation.text[metric.start + len(metric.name) : metric.end]
        parts[metric.start] = {"name": metric.name, "value": number.lstrip(":= ")}
    return [parts[start] for start in sorted(parts)]


def _strip(value: Any) -> Any:
    """Leave out the blanks around texts, which do not count in a header."""
    if isinstance(value, dict):
        return {key: _strip(item) for key, item in value.items()}
    return value.strip() if isinstance(value, str) else [_strip(item) for item in value]


def _list_texts(value: object) -> Iterator[str]:
    children = value.values() if isinstance(value, Mapping) else value
    if isinstance(children, str):
        yield children
    elif isinstance(children, Iterable):
        for child in children:
            yield from _list_texts(child)


def _check_depth(value: object, source: str, depth: int = 0) -> None:
    if depth > _DEEPEST:
        raise _refuse(source, f"nested over {_DEEPEST} levels deep, which no header can hold")
    children = value.values() if isinstance(value, Mapping) else value
    for child in children if isinstance(children, Iterable) and not isinstance(value, str) else ():
        _check_depth(child, source, depth + 1)


def _check_day(values: Mapping[str, object]) -> list[Violation]:
    """Find a day that no calendar has, which a schema cannot see."""
    day = values.get("update-time")
    if not isinstance(day, str) or not re.fullmatch(r"\d+-[01]?\d-[0-3]?\d", day):
        return []
    if fields.read_date(day):
        return []
    return [Violation(("update-time",), f"{day} is not a day of the calendar")]


def _refuse(source: str, reason: str, text: str = "", place: int | None = None) -> CardError:
    line = "" if place is None else f":{text.count(chr(10), 0, place) + 1}"
    return CardError(f"{source}{line}: {reason}", source=source, reason=reason)
