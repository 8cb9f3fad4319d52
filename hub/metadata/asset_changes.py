"""What changed in the files that a card offers, each compared with its counterpart."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hub.cards.asset import Asset
from hub.cards.record import Card
from hub.metadata.changes import Change, describe

_KNOWN = frozenset({"file-format", "asset-link", "asset-sha256"})
Test = Callable[[Asset, Asset], bool]


def compare_assets(old: Card, new: Card, before: object, after: object) -> Iterator[Change]:
    """Compare the assets of two cards.

    Each asset's counterpart has its file format and its link and digest; or else its digest (only
    the link has changed), or its link (only the digest has); or its link under another format; or
    is the one asset of its format that is left. A short digest and a longer one that begins with
    it name the same file as far as they go.

    Args:
        old: The card as it was.
        new: The card as it is.
        before: The values of the old card's ``asset``, for keys that the format does not know.
        after: The same of the new card.

    Returns:
        The changes: those of the old assets in their order, then what is new. Order alone is no
        change. ``key`` is the asset's place in the new card, or of a removed one in the old.
    """
    left, right = list(old.assets), list(new.assets)
    pairs = [pair for test in _TESTS for pair in _pair(left, right, test)]
    pairs += _pair_last(left, right)
    for gone, come in sorted(pairs, key=lambda pair: pair[0].index):
        yield from _compare_pair(gone, come)
        yield from _compare_extra(come.key, _item(before, gone), _item(after, come))
    for asset in left:
        yield Change(asset.key, _write(asset), None, "removed", _name(asset))
    for asset in right:
        yield Change(asset.key, None, _write(asset), "added", _name(asset))
    if before != after and not old.assets and not new.assets:  # not a list that can be read
        yield describe("asset", before, after)


def _same_format(old: Asset, new: Asset) -> bool:
    return old.file_format == new.file_format


def _same_link(old: Asset, new: Asset) -> bool:
    return bool(old.link) and old.link == new.link


def _same_digest(old: Asset, new: Asset) -> bool:
    """Tell whether the digests name one file, as far as both go."""
    if old.digest is None or new.digest is None:
        return False
    return old.digest.hex.startswith(new.digest.hex) or new.digest.hex.startswith(old.digest.hex)


_TESTS: tuple[Test, ...] = (
    lambda old, new: _same_format(old, new) and _same_link(old, new) and _same_digest(old, new),
    lambda old, new: _same_format(old, new) and _same_digest(old, new),
    lambda old, new: _same_format(old, new) and _same_link(old, new),
    _same_link,
)


def _pair(left: list[Asset], right: list[Asset], test: Test) -> list[tuple[Asset, Asset]]:
    """Take the pairs that pass a test out of both lists."""
    pairs = []
    for old in tuple(left):
        new = next((other for other in right if test(old, other)), None)
        if new:
            left.remove(old)
            right.remove(new)
            pairs.append((old, new))
    return pairs


def _pair_last(left: list[Asset], right: list[Asset]) -> list[tuple[Asset, Asset]]:
    """Pair what is alone in its format on both sides: the file was replaced."""

    def is_alone(old: Asset, new: Asset) -> bool:
        formats = [[asset.file_format for asset in side] for side in (left, right)]
        return _same_format(old, new) and all(f.count(old.file_format) == 1 for f in formats)

    return _pair(left, right, is_alone)


def _compare_pair(old: Asset, new: Asset) -> Iterator[Change]:
    notes = []
    if not _same_format(old, new):
        notes.append(f"file format changed, {old.file_format} → {new.file_format}")
    digest = _compare_digests(old, new)
    if old.link != new.link:
        only = _same_digest(old, new) and not notes
        words = "link only" if only else "link changed"
        notes.append(f"{words}, {old.link or 'none'} → {new.link or 'none'}")
    if digest:
        notes.append(digest)
    if notes:
        yield Change(new.key, _write(old), _write(new), "changed", "; ".join(notes))


def _compare_digests(old: Asset, new: Asset) -> str:
    before, after = (
        asset.digest.hex if asset.digest else asset.digest_text for asset in (old, new)
    )
    if before == after:
        return ""
    if not before or not after:
        return f"digest added, {after}" if after else f"digest removed, {before}"
    if _same_digest(old, new):
        return f"the same file as far as stated, {before} → {after}"
    return f"digest changed, {before} → {after}"


def _compare_extra(key: str, old: dict[str, object], new: dict[str, object]) -> Iterator[Change]:
    for name in dict.fromkeys((*old, *new)):
        if name not in _KNOWN and old.get(name) != new.get(name):
            yield describe(f"{key}.{name}", old.get(name), new.get(name))


def _item(values: object, asset: Asset) -> dict[str, object]:
    item = values[asset.index] if isinstance(values, list) else {}
    return item if isinstance(item, dict) else {}


def _write(asset: Asset) -> dict[str, str]:
    return {
        "file-format": asset.file_format,
        "asset-link": asset.link,
        "asset-sha256": asset.digest_text.lower(),
    }


def _name(asset: Asset) -> str:
    return f"{asset.file_format or 'a file'} {asset.link}".rstrip()
