"""The record of a card: what the rest of mshub, and its users, work with."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from hub.cards import fields
from hub.cards.asset import Asset, read_assets
from hub.cards.document import Document
from hub.cards.evaluation import Evaluation
from hub.cards.nodes import MapNode, ScalarNode, to_plain
from hub.cards.results import Result, match_result, read_results
from hub.errors import ArgumentError, AssetNotFoundError, CardError
from hub.frozen import FrozenMapping, freeze
from hub.ids import ModelId
from hub.markdown.body import Body
from hub.terms.datasets import Dataset, read_datasets
from hub.terms.licenses import spdx_license
from hub.terms.modules import ModuleType, read_module_type
from hub.terms.repository import Repository, read_repository
from hub.versions import Version

_KEYS_OF = MappingProxyType(  # fields that have other names than their keys
    {
        "assets": "asset",
        "link": "asset-link",
        "digest": "asset-sha256",
        "datasets": "train-dataset",
        "license_id": "license",
        "module": "module-type",
        "repository": "repo-link",
        "uses": "used-for",
    }
)
_NOT_IN_IDS = re.compile(r"[^\w.+-]+", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Card:
    """A model card: the facts of its header, and its body.

    Keys that are kebab-case in the file are snake_case here. A field is None if the card does not
    state it, or states what cannot be understood; ``hub validate`` says which.

    Attributes:
        id: The id under which the registry knows the card.
        document: The card as it stands, with the place of every field.
        title: The title line, without ``#``.
        evaluation: The metrics by name, as decimals, exactly as written.
        extra: Keys that have no attribute, as texts; lists are tuples.
        body: The Markdown below the header.

    Example:
        >>> import hub
        >>> card = hub.card("MindSpore/efficientnet_b0")
        >>> card.mindspore_version, card.update_time.isoformat(), card.evaluation["top1acc"]
        ((2, 5), '2025-03-10', Decimal('76.88'))
        >>> print(card.assets[0].digest, card.license_id, card.repository.ref)
        f8d7aa2a Apache-2.0 v0.4.0
        >>> card.place("update_time")
        (21, 14)
    """

    id: ModelId
    document: Document = field(repr=False, compare=False)
    title: str | None
    model_name: str
    backbone_name: str | None
    module_type: str | None
    fine_tunable: bool | None
    model_version: Version | None
    train_dataset: str | None
    evaluation: Evaluation
    author: str | None
    update_time: datetime.date | None
    repo_link: str | None
    user_id: str | None
    used_for: str | None
    mindspore_version: Version | None
    assets: tuple[Asset, ...]
    license: str | None
    summary: str | None
    extra: Mapping[str, object] = field(hash=False)
    body: Body = field(repr=False)

    @property
    def source(self) -> str:
        """The path or URL that the card was read from."""
        return self.document.source

    @cached_property
    def datasets(self) -> tuple[Dataset, ...]:
        """The data sets that ``train_dataset`` names, with their canonical spellings."""
        return read_datasets(self.train_dataset or "")

    @cached_property
    def module(self) -> ModuleType | None:
        """The field and the task that ``module_type`` names."""
        return read_module_type(self.module_type) if self.module_type else None

    @cached_property
    def repository(self) -> Repository | None:
        """The repository of ``repo_link``: host, owner, name, ref and folder."""
        return read_repository(self.repo_link) if self.repo_link else None

    @cached_property
    def repositories(self) -> Mapping[str, Repository]:
        """All repositories by key: also those of keys such as ``vit-repo-link``."""
        links = {"repo-link": self.repo_link, **self.extra}
        named = {
            key: read_repository(fields.read_link(link))
            for key, link in links.items()
            if key.endswith("repo-link") and isinstance(link, str)
        }
        return FrozenMapping({key: found for key, found in named.items() if found})

    @cached_property
    def license_id(self) -> str | None:
        """The SPDX id of the licence; None if it is none that we know."""
        return spdx_license(self.license) if self.license else None

    @cached_property
    def uses(self) -> frozenset[str]:
        """What ``used_for`` lists, such as ``inference``."""
        return _split(self.used_for)

    @cached_property
    def backends(self) -> Mapping[str, frozenset[str]]:
        """The devices by use: ``train`` and ``infer``; empty sets if the card names none."""
        stated = {use: self.extra.get(f"{use}-backend") for use in ("train", "infer")}
        return FrozenMapping({use: _split(text) for use, text in stated.items()})

    @cached_property
    def results(self) -> tuple[Result, ...]:
        """The rows of the result tables in the body."""
        return read_results(self.body.tables)

    def result(self, asset: Asset | None = None) -> Result | None:
        """Return the row of the result tables that is about this model.

        Args:
            asset: The asset whose row is wanted; None takes any of the card's.

        Returns:
            The row with the asset's link, or else the one row with the model's name; None if
            there is none.
        """
        links = [item.link for item in ((asset,) if asset else self.assets) if item.link]
        return match_result(self.results, links, [self.model_name, self.id.name])

    def place(self, key: str) -> tuple[int, int] | None:
        """Return the line and the column of a field's value, from 1; None if it has none.

        Args:
            key: A field (``update_time``, ``assets[0].link``), or the path of a key
                (``update-time``, ``asset[0].asset-link``).
        """
        if key == "title":
            return self.document.place(self.document.text.index(self.title)) if self.title else None
        path = re.sub(r"[\w-]+", lambda step: _KEYS_OF.get(step[0], step[0]), key)
        node = self.document.find(path) or self.document.find(path.replace("_", "-"))
        return self.document.place(node.start) if node else None

    def asset(self, file_format: str | None = None) -> Asset:
        """Return the first asset, or the first of one format, ready to be fetched.

        Args:
            file_format: The format wanted, such as ``ckpt``; None takes the first asset.

        Raises:
            AssetNotFoundError: The card has no such asset.
            CardError: The asset has no link, or a digest that cannot be read.
        """
        for asset in self.assets:
            if file_format is None or str(file_format).lower() == asset.file_format:
                return self.check_asset(asset)
        available = [asset.file_format for asset in self.assets]
        listed = f"it has: {', '.join(available)}" if available else "it lists no asset at all"
        wanted = f"{file_format} asset" if file_format else "asset"
        raise AssetNotFoundError(
            f"{self.id} has no {wanted}; {listed} ({self.source})",
            model_id=str(self.id),
            file_format=file_format,
            available=available,
        )

    def check_asset(self, asset: Asset) -> Asset:
        """Return one of the assets, if it is ready to be fetched.

        Raises:
            CardError: It has no link, or a digest that cannot be read.
        """
        reason = ""
        if not asset.link:
            reason = f"{asset.key}.asset-link is missing"
        elif asset.digest_text and asset.digest is None:
            reason = f"{asset.key}.asset-sha256: {asset.digest_text[:80]!r} is no SHA-256 digest"
        if reason:
            raise CardError(
                f"{self.source}: {reason}; `hub validate` lists all that is wrong",
                source=self.source,
                reason=reason,
            )
        return asset


def read_card(path: Path, model_id: ModelId | None = None) -> Card:
    """Read the card in a file.

    Args:
        path: The card's file.
        model_id: The id that the registry knows it by; None makes one of user-id and file name.

    Raises:
        CardError: It is no model card: it has no header, or no ``model-name`` in it.

    Example:
        >>> from hub.resources import cards_folder
        >>> read_card(cards_folder() / "MindSpore" / "efficientnet_b0.md").model_name
        'efficientnet_b0'
    """
    return build_card(Document.read(path), model_id)


def parse_card(content: bytes, source: str) -> Card:
    """Read a card from its bytes; ``source`` is its path or URL.

    Raises:
        CardError: It is no model card: it has no header, or no ``model-name`` in it.
    """
    return build_card(Document.parse(content, source))


def build_card(document: Document, model_id: ModelId | None = None) -> Card:
    """Build the record of a card.

    Args:
        document: The card as it stands.
        model_id: The id that the registry gives it; None makes one of user-id and file name. It
            gets the card's version if it has none.

    Raises:
        CardError: There is no header, or no ``model-name`` in it.
    """
    texts = {
        key: node.text.strip()
        for key, node in document.header.values.items()
        if isinstance(node, ScalarNode)
    }
    name = texts.get("model-name")
    if not name:
        raise _refuse(document)
    version = fields.read_version(texts.get("mindspore-version"))
    if model_id and not model_id.version:
        model_id = replace(model_id, version=version)
    return Card(
        id=model_id or _derive_id(document.source, texts.get("user-id"), version),
        document=document,
        title=document.title,
        model_name=name,
        backbone_name=texts.get("backbone-name") or None,
        module_type=texts.get("module-type") or None,
        fine_tunable=fields.read_boolean(texts.get("fine-tunable")),
        model_version=fields.read_version(texts.get("model-version")),
        train_dataset=texts.get("train-dataset") or None,
        evaluation=Evaluation(texts.get("evaluation", "")),
        author=texts.get("author") or None,
        update_time=fields.read_date(texts.get("update-time")),
        repo_link=fields.read_link(texts.get("repo-link", "")) or None,
        user_id=texts.get("user-id") or None,
        used_for=texts.get("used-for") or None,
        mindspore_version=version,
        assets=tuple(read_assets(document.header.values.get("asset"))),
        license=texts.get("license") or None,
        summary=texts.get("summary") or None,
        extra=freeze(_read_extra(document.header)),
        body=document.body,
    )


def require_record(card: Card | Document) -> Card:
    """Return a card's record, whether it is one already or has to be built.

    Raises:
        CardError: The document is no model card.
        ArgumentError: It is neither a ``Card`` nor a ``Document``.
    """
    if isinstance(card, Card):
        return card
    if isinstance(card, Document):
        return build_card(card)
    raise ArgumentError(f"a Card or a Document is wanted, not a {type(card).__name__}")


_NO_KEYS = frozenset({"id", "document", "title", "assets", "extra", "body"})  # no key gives them
_FIELDS = frozenset(
    {name.replace("_", "-") for name in {*Card.__dataclass_fields__} - _NO_KEYS} | {"asset"}
)


def _read_extra(header: MapNode) -> dict[str, object]:
    return {
        key: to_plain(node, lambda _, text: text.strip())
        for key, node in header.values.items()
        if key not in _FIELDS
    }


def _split(text: object) -> frozenset[str]:
    listed = text if isinstance(text, tuple) else (text or "",)
    parts = "/".join(map(str, listed)).replace("|", "/").replace(",", "/").split("/")
    return frozenset(part.strip().lower() for part in parts if part.strip())


def _refuse(document: Document) -> CardError:
    node = document.find("model-name")
    line, column = document.place(node.start if node else 0)
    reason = "model-name is missing"
    fatal = {"missing-fence", "large-header", "no-metadata"}
    for fault in document.faults:
        if fault.kind in fatal:
            line, column = document.place(fault.start)
            reason = fault.message
    return CardError(
        f"{document.source}:{line}:{column}: {reason}; this is no model card",
        source=document.source,
        reason=reason,
    )


def _derive_id(source: str, owner: str | None, version: Version | None) -> ModelId:
    name = source.partition("?")[0].replace("\\", "/").rstrip("/").rpartition("/")[2]
    stem = name.rpartition(".")[0] or name
    return ModelId(_NOT_IN_IDS.sub("-", owner or "-"), _NOT_IN_IDS.sub("-", stem), version)
