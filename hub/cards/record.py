"""The record of a card: what the rest of mshub, and its users, work with."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast
from urllib.parse import unquote

from hub.cards.document import Document
from hub.cards.evaluation import Evaluation
from hub.cards.frozen import freeze
from hub.digests import Digest
from hub.errors import AssetNotFoundError
from hub.ids import ModelId
from hub.versions import Version


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that a card offers.

    Attributes:
        file_format: What kind of file, such as ``ckpt``.
        link: Its https URL.
        digest: The SHA-256 that the file must have, whole or as a prefix; None if none is stated.
    """

    file_format: str
    link: str
    digest: Digest | None

    @property
    def filename(self) -> str:
        """The last part of the link, as the publisher names the file; not safe as a path.

        Example:
            >>> Asset("ckpt", "https://example.org/a/lite0-01234567.ckpt", None).filename
            'lite0-01234567.ckpt'
        """
        path = self.link.partition("?")[0].partition("#")[0]
        return unquote(path.rpartition("/")[2])


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A model card: the validated facts of its header, and its body.

    Keys that are kebab-case in the file are snake_case here. The attributes are those of the
    format (see ``schemas/model-card.schema.json``); beside them:

    Attributes:
        id: The id under which the registry knows the card.
        source: The path or URL that the card was read from.
        title: The title line, without ``#``.
        evaluation: The metrics by name, as decimals, exactly as written.
        extra: Keys that the format does not know, kept as they are.
        body: The Markdown below the header.

    Example:
        >>> import hub
        >>> card = hub.card("MindSpore/efficientnet_b0")
        >>> card.mindspore_version, card.update_time.isoformat(), card.evaluation["top1acc"]
        ((2, 5), '2025-03-10', Decimal('76.88'))
        >>> print(card.assets[0].digest)
        f8d7aa2a
    """

    id: ModelId
    source: str
    title: str | None
    model_name: str
    backbone_name: str
    module_type: str
    fine_tunable: bool
    model_version: Version
    train_dataset: str | None
    evaluation: Evaluation
    author: str
    update_time: datetime.date
    repo_link: str
    user_id: str
    used_for: str
    mindspore_version: Version
    assets: tuple[Asset, ...]
    license: str
    summary: str
    extra: Mapping[str, object] = field(hash=False)
    body: str = field(repr=False)

    def asset(self, file_format: str | None = None) -> Asset:
        """Return the first asset, or the first of one format.

        Args:
            file_format: The format wanted, such as ``ckpt``; None takes the first asset.

        Raises:
            AssetNotFoundError: The card has no such asset.
        """
        for asset in self.assets:
            if file_format is None or str(file_format).lower() == asset.file_format:
                return asset
        available = [asset.file_format for asset in self.assets]
        listed = f"it has: {', '.join(available)}" if available else "it lists no asset at all"
        wanted = f"{file_format} asset" if file_format else "asset"
        raise AssetNotFoundError(
            f"{self.id} has no {wanted}; {listed} ({self.source})",
            model_id=str(self.id),
            file_format=file_format,
            available=available,
        )


def build_card(document: Document, values: Mapping[str, object], model_id: ModelId) -> Card:
    """Build the record of a document whose converted header has passed the schema.

    Args:
        document: Where the values come from; gives title and body.
        values: The converted header, as :func:`hub.cards.fields.convert_header` returns it.
        model_id: The id that the registry gives the card; it gets the card's version if it has
            none.
    """
    facts = cast("dict[str, Any]", dict(values))  # the schema has checked every type below
    assets = cast("Sequence[dict[str, str]]", facts.pop("asset", ()))
    version = Version.parse(facts.pop("mindspore-version"))
    return Card(
        id=replace(model_id, version=model_id.version or version),
        source=document.source,
        title=document.title,
        model_name=facts.pop("model-name"),
        backbone_name=facts.pop("backbone-name"),
        module_type=facts.pop("module-type"),
        fine_tunable=facts.pop("fine-tunable"),
        model_version=Version.parse(facts.pop("model-version")),
        train_dataset=facts.pop("train-dataset", None),
        evaluation=facts.pop("evaluation", None) or Evaluation(""),
        author=facts.pop("author"),
        update_time=datetime.date.fromisoformat(facts.pop("update-time")),
        repo_link=facts.pop("repo-link"),
        user_id=facts.pop("user-id"),
        used_for=facts.pop("used-for"),
        mindspore_version=version,
        assets=tuple(map(_build_asset, assets)),
        license=facts.pop("license"),
        summary=facts.pop("summary"),
        extra=freeze(facts),
        body=document.body,
    )


def _build_asset(values: Mapping[str, str]) -> Asset:
    digest = values.get("asset-sha256")
    return Asset(
        file_format=values["file-format"],
        link=values["asset-link"],
        digest=Digest.parse(digest) if digest else None,
    )
