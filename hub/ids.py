"""What a user may write to name a model: an id, an official uid, a card's path, a card's URL."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from hub.errors import ModelIdError
from hub.versions import Version

_ID = re.compile(
    r"""
    (?P<owner>   [A-Za-z0-9][\w.+-]{0,127} ) /
    (?: (?P<backend> [A-Za-z][\w-]{0,31}    ) / )?  # only in uids such as noah-cvlab/gpu/1.8/fastmim
    (?: (?P<folder>  [0-9][0-9.]{0,31}      ) / )?  # the version of an official uid
    (?P<name>    [A-Za-z0-9][\w.+-]{0,127} )
    (?: @ (?P<version> [0-9.]{1,32} ) )?
    """,
    re.ASCII | re.VERBOSE,
)
_PLAIN = re.compile(r"[A-Za-z0-9][\w.+-]{0,127}", re.ASCII)
_FORMS = (
    "write owner/name (MindSpore/efficientnet_b0), owner/name@version (…@2.5), an official uid"
    " (mindspore/2.5/efficientnet_b0_imagenet2012), the path of a card file that ends in .md,"
    " or the https URL of one"
)


@dataclass(frozen=True, slots=True)
class ModelId:
    """The id of a model: ``owner/name``, with a version where one of several is meant.

    Owner and name match without regard to case; they print as they were written.

    Attributes:
        owner: Who publishes the model, such as ``MindSpore``.
        name: The card's file stem or its ``model-name``.
        version: The ``mindspore-version`` wanted, or None for the newest.
        backend: The device folder of an official uid (``gpu``, ``ascend``), or None.

    Example:
        >>> ModelId.parse("MindSpore/efficientnet_b0@2.5")
        ModelId(owner='MindSpore', name='efficientnet_b0', version=(2, 5), backend=None)
        >>> str(ModelId.parse("mindspore/2.5/efficientnet_b0_imagenet2012"))
        'mindspore/efficientnet_b0_imagenet2012@2.5'
    """

    owner: str
    name: str
    version: Version | None = None
    backend: str | None = None

    @classmethod
    def parse(cls, text: str) -> ModelId:
        """Read ``owner/name[@version]`` or an official uid ``owner[/backend]/version/name``.

        Raises:
            ModelIdError: The text has another form; the message shows the accepted ones.
        """
        match = _ID.fullmatch(text)
        if match is None or (match["folder"] and match["version"]):
            raise _malformed(text)
        version = match["folder"] or match["version"]
        try:
            wanted = Version.parse(version) if version else None
        except ValueError as error:
            raise _malformed(text) from error
        return cls(match["owner"], match["name"], wanted, match["backend"])

    def __str__(self) -> str:
        middle = f"{self.backend}/" if self.backend else ""
        version = f"@{self.version}" if self.version else ""
        return f"{self.owner}/{middle}{self.name}{version}"


def is_name(text: str) -> bool:
    """Tell whether a text can be the owner or the name in an id.

    Example:
        >>> is_name("predrnn++"), is_name("my model"), is_name("..")
        (True, False, False)
    """
    return _PLAIN.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class CardUrl:
    """The URL of a single card; whether it may be fetched is the download's question."""

    url: str

    def __str__(self) -> str:
        return self.url


Reference = ModelId | CardUrl | Path
"""What :func:`parse_reference` makes of a user's words."""


def parse_reference(text: str | os.PathLike[str] | ModelId) -> Reference:
    """Tell which of the accepted forms a user wrote.

    Args:
        text: An id, an official uid, a card's URL, or a path that ends in ``.md``; anything
            path-like is a path.

    Returns:
        A ``ModelId``, a ``CardUrl`` or a ``Path``. Nothing is looked up yet.

    Raises:
        ModelIdError: The text has none of these forms.

    Example:
        >>> parse_reference("./lite0.md").name
        'lite0.md'
        >>> parse_reference("https://example.org/lite0.md")
        CardUrl(url='https://example.org/lite0.md')
    """
    if isinstance(text, ModelId | Path):
        return text
    if isinstance(text, os.PathLike):
        return Path(text)
    if not isinstance(text, str) or "\0" in text or len(text) > 4096:
        raise _malformed(text)
    if "://" in text:
        return CardUrl(text)
    if text.lower().endswith(".md"):
        return Path(os.path.expanduser(text))  # noqa: PTH111, that one raises for ~nobody
    return ModelId.parse(text)


def _malformed(text: object) -> ModelIdError:
    shown = repr(text)
    if len(shown) > 80:
        shown = f"{shown[:60]}… ({len(shown)} characters)"
    return ModelIdError(f"{shown} does not name a model: {_FORMS}", text=str(text))
