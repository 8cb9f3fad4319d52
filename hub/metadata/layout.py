"""How a card is written whose text is not there yet: in the layout of the specification."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping

from hub.cards.document import Document
from hub.cards.evaluation import Evaluation
from hub.cards.scalars import quote, write_scalar
from hub.errors import CardError

_KEY = re.compile(r"[^\W\d](?:[\w .+/-]*[\w.+/-])?")  # what the header's reader takes for one
_LINKS = frozenset({"repo-link", "asset-link"})
_ESCAPED = re.compile(r'["\\\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]')


def write_document(values: Mapping[str, object], source: str = "<values>") -> Document:
    r"""Write a card from its values, whether or not they make a complete card.

    The layout is that of the specification: the title, one key a line with blank lines between,
    each asset's keys below one ``-``, links in ``<…>``, then the body.

    Args:
        values: What :func:`hub.metadata.notations.to_values` gives, or a part of it.
        source: The name that errors, and findings in the new card, are reported under.

    Raises:
        CardError: A key or a metric cannot be written in a header, or a text is not Unicode.

    Example:
        >>> print(write_document({"title": "b0", "model-name": "b0", "body": "Hi."}).text, end="")
        # b0
        <BLANKLINE>
        ---
        <BLANKLINE>
        model-name: b0
        <BLANKLINE>
        ---
        <BLANKLINE>
        Hi.
    """
    title = _join_lines(_to_text(values.get("title")))
    body = _to_text(values.get("body"))
    header = {key: value for key, value in values.items() if key not in {"title", "body"}}
    try:
        entries = [_write_entry(key, value) for key, value in header.items()]
    except ValueError as error:
        raise CardError(f"{source}: {error}", source=source, reason=str(error)) from error
    parts = [f"# {title}"] if title else []
    parts += ["---", *entries, "---"]
    if body.strip():
        parts.append(body.strip("\r\n"))
    text = "\n\n".join(parts) + "\n"
    try:
        text.encode()
    except UnicodeEncodeError as error:
        reason = (
            f"{error.object[error.start : error.end]!r} is half of a character; write the whole"
        )
        raise CardError(f"{source}: {reason}", source=source, reason=reason) from error
    return Document(text, source)


def _write_entry(key: str, value: object) -> str:
    _check_key(key)
    if key == "asset" and isinstance(value, list | tuple) and value:
        return "asset:\n\n" + "\n\n".join(map(_write_asset, value))
    text = _write_metrics(value) if key == "evaluation" else _write_value(key, value)
    return f"{key}: {text}".rstrip()


def _write_asset(asset: object) -> str:
    if not isinstance(asset, Mapping) or not asset:
        return f"- {_write_value('', asset)}".rstrip()
    for key in asset:
        _check_key(str(key))
    lines = (f"{key}: {_write_value(str(key), value)}".rstrip() for key, value in asset.items())
    return "- " + "\n  ".join(lines)


def _write_metrics(value: object) -> str:
    """Write the line of metrics; an empty list says that there are none."""
    if not isinstance(value, list | tuple):
        return _write_value("", "no" if value is False else value)
    return _write_value("", " | ".join(map(write_metric, value)) or "none")


def write_metric(part: object) -> str:
    """Write one part of the line of metrics.

    Args:
        part: ``{"name": …, "value": …}``, ``{"text": …}``, or a text.

    Returns:
        Name and number with as little between them as keeps them apart, or the text.

    Raises:
        ValueError: A reader of the line would find another name or number in it.

    Example:
        >>> write_metric({"name": "top1acc", "value": "76.00"}), write_metric({"text": "2.2m"})
        ('top1acc76.00', '2.2m')
    """
    if not isinstance(part, Mapping) or not {"name", "value"} <= part.keys():
        return _to_text(part.get("text") if isinstance(part, Mapping) else part)
    name, number = _to_text(part["name"]), _to_text(part["value"])
    for separator in ("", " ", ":", "="):
        line = f"{name}{separator}{number}"
        if [(metric.name, metric.end) for metric in Evaluation(line).metrics] == [
            (name, len(line))
        ]:
            return line
    raise ValueError(
        f"evaluation: the metric {name!r} with {number!r} cannot be written in one line; a name "
        "has letters, digits and @./_:%=-, and does not end in a digit"
    )


def _write_value(key: str, value: object) -> str:
    if isinstance(value, Mapping | list | tuple):
        return "".join(_write_flow(value))
    text = _to_text(value)
    if key in _LINKS and (text.startswith("http") or (text[:1], text[-1:]) == ("<", ">")):
        text = f"<{text}>"
    try:
        return write_scalar(text)
    except ValueError:
        return _quote_twice(text)


def _write_flow(value: object) -> Iterator[str]:
    """Write a list or a map in one line, every text in quotes."""
    if isinstance(value, Mapping):
        items = (f"{_quote(str(key))}: {''.join(_write_flow(item))}" for key, item in value.items())
        yield "{" + ", ".join(items) + "}"
    elif isinstance(value, list | tuple):
        yield "[" + ", ".join("".join(_write_flow(item)) for item in value) + "]"
    else:
        yield _quote(_to_text(value))


def _quote(text: str) -> str:
    return quote(text) if text.isprintable() else _quote_twice(text)


def _quote_twice(text: str) -> str:
    return '"' + _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + '"'


def _to_text(value: object) -> str:
    if isinstance(value, datetime.date):
        return value.isoformat()
    return "" if value is None else str(value)


def _join_lines(text: str) -> str:
    return " ".join(text.split("\n")).replace("\r", " ").strip()


def _check_key(key: str) -> None:
    if not _KEY.fullmatch(key):
        raise ValueError(
            f"{key[:80]!r} cannot be a key of a header: a letter comes first, then letters, "
            "digits and - _ . + /"
        )
