"""A cache that holds a file, and a card that leads to it."""

from __future__ import annotations

from pathlib import Path

from hub.assets.cache.cache import Cache
from hub.digests import Digest, hash_file
from hub.resources import cards_folder


def fill_cache(name: str, link: str, file: Path, folder: Path) -> tuple[Path, Cache]:
    """Put a file into a cache as a download would, and write a card for it."""
    cache = Cache(folder / "cache")
    sha256 = hash_file(file)
    cache.add(file, link=link, digest=Digest(sha256), filename=file.name)
    shipped = (cards_folder() / "MindSpore" / "efficientnet_b0.md").read_text(encoding="utf-8")
    lines = shipped.replace("model-name: efficientnet_b0", f"model-name: {name}").splitlines()
    changes = {"  asset-link:": f" <{link}>", "  asset-sha256:": f" {sha256}"}
    for number, line in enumerate(lines):
        key = line.partition(":")[0] + ":"
        lines[number] = key + changes[key] if key in changes else line
    card = folder / f"{name}.md"
    card.write_text("\n".join(lines), encoding="utf-8")
    return card, cache
