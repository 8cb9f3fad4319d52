"""``hub.lock``: the whole digests of the files that a project uses, for the project to commit.

::

    {
     "schema_version": 1,
     "assets": [
      {"id": "MindSpore/efficientnet_b0@2.5", "file_format": "ckpt", "link": "https://…",
       "digest": "f8d7aa2a", "sha256": "f8d7aa2a…", "size": 21339458},
      {"id": "Ada/lite0@2.5", "card": "cards/lite0.md", "file_format": "ckpt", …}
     ]
    }

``digest`` is what the card states, perhaps a prefix or nothing; ``sha256`` is what came. ``card`` is
there if the model was named by its card's path, noted from the lock's folder on, or by its URL.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shlex
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeGuard

from hub.cards.asset import Asset
from hub.digests import Digest
from hub.errors import ArgumentError, IntegrityError
from hub.files import write_file
from hub.redaction import redact_url

LOCK_NAME = "hub.lock"

_SCHEMA_VERSION = 1
_LARGEST = 1 << 26  # bytes; a hundred thousand assets take half of that
_MOST_BYTES = 1 << 63
_MODEL_ID = re.compile(r"[\w.+-]+(/[\w.+-]+){1,2}(@[0-9.]+)?", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DIGEST = re.compile(r"[0-9a-f]{8,64}|")
_CONFLICT = re.compile(rb"^(<{7}|={7}|>{7})", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class LockedAsset:
    """A file that a project uses, down to the last bit.

    Attributes:
        model_id: The exact id of its model.
        file_format: What kind of file, such as ``ckpt``.
        link: The link in the card.
        digest: The digest in the card, whole or a prefix; empty if it states none.
        sha256: The whole digest of the file, 64 hexadecimal digits.
        size: Its size in bytes.
        card: Where the card is: its path from the lock's folder on, with ``/``, or its URL; empty
            if a registry has it.
    """

    model_id: str
    file_format: str
    link: str
    digest: str
    sha256: str
    size: int
    card: str = ""


@dataclass(frozen=True, slots=True)
class LockFile:
    """What a ``hub.lock`` lists.

    Attributes:
        path: Where it is.
        assets: What it lists, in the order of the file.

    Example:
        >>> sha256 = 64 * "a"
        >>> listed = LockedAsset("ada/lite0@2.5", "ckpt", "https://a.org/l", "aaaaaaaa", sha256, 9)
        >>> lock = LockFile(Path("hub.lock"), (listed,))
        >>> lock.strengthen(Asset("ckpt", "https://a.org/l", Digest.parse("aaaaaaaa"))).digest.strength
        'full'
    """

    path: Path
    assets: tuple[LockedAsset, ...] = ()
    _by_link: dict[str, LockedAsset] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_link = {asset.link: asset for asset in reversed(self.assets)}
        object.__setattr__(self, "_by_link", by_link)

    def find(self, asset: Asset) -> LockedAsset | None:
        """Return what is locked under an asset's link, if anything is."""
        return self._by_link.get(asset.link)

    def strengthen(self, asset: Asset) -> Asset:
        """Return an asset with the lock's whole digest in place of a prefix, or of none.

        Args:
            asset: What a card offers.

        Returns:
            The asset as it is, if the lock does not list it.

        Raises:
            IntegrityError: The card states another digest than the lock.
        """
        locked = self.find(asset)
        if locked is None:
            return asset
        if asset.digest and not asset.digest.matches(locked.sha256):
            link = redact_url(asset.link)
            raise IntegrityError(
                f"the card and the lock contradict each other about {link}: the card states the"
                f" digest {asset.digest} ({asset.digest.strength}), {self.path} lists"
                f" {locked.sha256}. If the card's change is right,"
                f" `hub lock {shlex.quote(self.name_card(locked))}` accepts it",
                url=link,
                expected=locked.sha256,
                actual=asset.digest.hex,
                strength=asset.digest.strength,
            )
        return replace(asset, digest=Digest(locked.sha256), digest_text=locked.sha256)

    def name_card(self, locked: LockedAsset) -> str:
        """Return what names the card of an entry to a command: its id, or its whole path or URL."""
        if "://" in locked.card or not locked.card:
            return locked.card or locked.model_id
        return os.path.normpath(Path(self._folder(), locked.card))

    def relate_card(self, card: str) -> str:
        """Return a card's path as an entry notes it; a URL, or nothing, stays what it is."""
        if "://" in card or not card:
            return card
        path = Path(card)
        whole = Path(os.path.realpath(path.parent), path.name)
        try:
            return Path(os.path.relpath(whole, self._folder())).as_posix()
        except ValueError:  # another drive of Windows
            return whole.as_posix()

    def _folder(self) -> str:
        return os.path.realpath(self.path.parent)


def find_lock_file(folder: Path | None = None) -> Path | None:
    """Return the nearest ``hub.lock``, from a folder upwards; None if there is none.

    Args:
        folder: Where to begin; None begins in the current folder.
    """
    try:
        start = Path(folder or ".").absolute()
    except OSError:  # the current folder was removed
        return None
    candidates = (above / LOCK_NAME for above in (start, *start.parents))
    return next((path for path in candidates if os.path.isfile(path)), None)  # noqa: PTH113, that one raises where it may not look


def read_lock_file(path: str | os.PathLike[str], *, needed: bool = True) -> LockFile:
    """Read a ``hub.lock``.

    Args:
        path: Where it is.
        needed: Whether it must be there; if not, one that is not there lists nothing.

    Returns:
        What it lists.

    Raises:
        ArgumentError: It cannot be read, is damaged, or was written by a newer mshub.
    """
    path = Path(path)
    try:
        _require_regular(path)
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except FileNotFoundError as error:
        if not needed:
            return LockFile(path)
        raise ArgumentError(f"there is no lock file {path}; `hub lock ID` writes one") from error
    except (OSError, ValueError) as error:  # a NUL in a path is a ValueError
        reason = getattr(error, "strerror", None) or error
        raise ArgumentError(f"the lock file {path} cannot be read: {reason}") from error
    try:
        return LockFile(path, _read_assets(_parse(content)))
    except _Damage as damage:
        raise ArgumentError(
            f"the lock file {path} cannot be used: {damage}; restore it from version control,"
            " or delete it and write it anew with `hub lock ID…`"
        ) from damage
    except _Newer as newer:
        raise ArgumentError(
            f"the lock file {path} has schema_version {newer}, and this mshub reads up to"
            f" {_SCHEMA_VERSION}; update mshub"
        ) from newer


def write_lock_file(path: str | os.PathLike[str], assets: Iterable[LockedAsset]) -> None:
    """Write a ``hub.lock``, all of it or nothing; the same assets give the same bytes.

    Args:
        path: Where; a file that is there is replaced.
        assets: What it shall list, in any order.

    Raises:
        CacheError: It cannot be written.
    """
    write_file(os.fspath(path), format_lock_file(assets))


def format_lock_file(assets: Iterable[LockedAsset]) -> bytes:
    """Return the content of a ``hub.lock``: sorted, a value a line, with a newline at the end."""
    listed = [
        {
            "id": asset.model_id,
            **({"card": asset.card} if asset.card else {}),
            "file_format": asset.file_format,
            "link": asset.link,
            "digest": asset.digest,
            "sha256": asset.sha256,
            "size": asset.size,
        }
        for asset in sorted(set(assets), key=_sort_key)
    ]
    document = {"schema_version": _SCHEMA_VERSION, "assets": listed}
    return f"{json.dumps(document, indent=1)}\n".encode("ascii")


class _Damage(Exception):
    """What is wrong with the content of a lock file, and where."""


class _Newer(Exception):
    """The schema version of a newer mshub."""


def _sort_key(asset: LockedAsset) -> tuple[str, ...]:
    texts = (asset.model_id, asset.file_format, asset.link, asset.digest, asset.sha256)
    return (asset.model_id.casefold(), *texts, asset.card)


def _require_regular(path: Path) -> None:
    """Refuse what is no regular file before it is opened: a pipe would be waited for."""
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        kinds = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket"}
        kind = kinds.get(stat.S_IFMT(mode), "a device")
        raise OSError(errno.EINVAL, f"it is {kind}; remove it, or name another file")


def _parse(content: bytes) -> Any:
    if len(content) > _LARGEST:
        raise _Damage(f"it is larger than {_LARGEST:,} bytes")
    if found := _CONFLICT.search(content):
        line = content.count(b"\n", 0, found.start()) + 1
        raise _Damage(f"line {line} is left over from a merge conflict")
    try:
        return json.loads(content.decode("utf-8-sig"), object_pairs_hook=_read_object)
    except json.JSONDecodeError as error:
        raise _Damage(f"line {error.lineno}, column {error.colno}: {error.msg}") from error
    except UnicodeDecodeError as error:
        raise _Damage(f"byte {error.start} is no UTF-8") from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits; deep nesting
        raise _Damage("it is no JSON that mshub reads") from error


def _read_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Damage(f"the key {_show(twice)} stands twice in one place")
    return found


def _read_assets(document: Any) -> tuple[LockedAsset, ...]:
    version = document.get("schema_version") if isinstance(document, dict) else None
    if not _is_number(version) or version < 1:
        raise _Damage("it has no schema_version that is a number")
    if version > _SCHEMA_VERSION:
        raise _Newer(version)
    listed = document.get("assets")
    if not isinstance(listed, list):
        raise _Damage("assets is no list")
    assets = tuple(_read_asset(item, f"assets[{index}]") for index, item in enumerate(listed))
    digests: dict[str, str] = {}
    for index, asset in enumerate(assets):
        if digests.setdefault(asset.link, asset.sha256) != asset.sha256:
            link = redact_url(asset.link)
            raise _Damage(f"assets[{index}].sha256 is not what it lists before for {link}")
    return assets


def _read_asset(item: Any, place: str) -> LockedAsset:
    if not isinstance(item, dict):
        raise _Damage(f"{place} is no object")
    names = ("id", "file_format", "link", "digest", "sha256")
    for name in names:
        if not isinstance(item.get(name), str):
            raise _Damage(f"{place}.{name} is no text")
    model_id, file_format, link, digest, sha256 = (item[name] for name in names)
    size, card = item.get("size"), item.get("card", "")
    if not _MODEL_ID.fullmatch(model_id):
        raise _Damage(f"{place}.id: {_show(model_id)} is no owner/name@version")
    if not link:
        raise _Damage(f"{place}.link is empty")
    if not _SHA256.fullmatch(sha256):
        raise _Damage(f"{place}.sha256: {_show(sha256)} is no SHA-256 in 64 hexadecimal digits")
    if not _DIGEST.fullmatch(digest) or not sha256.startswith(digest):
        raise _Damage(f"{place}.digest: {_show(digest)} is no beginning of its sha256")
    if not _is_number(size) or not 0 <= size < _MOST_BYTES:
        raise _Damage(f"{place}.size is no number of bytes")
    if not isinstance(card, str):
        raise _Damage(f"{place}.card is no text")
    return LockedAsset(model_id, file_format, link, digest, sha256, size, card)


def _is_number(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _show(text: str) -> str:
    return repr(text if len(text) <= 80 else f"{text[:77]}…")
