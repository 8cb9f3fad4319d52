"""The ways to get a file that are compared: ours, and those of other projects.

Each takes a URL, the file's SHA-256 and an empty folder, and returns where the file is.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

_CHUNK = 1 << 20  # bytes


def fetch_with_hub(url: str, sha256: str, folder: Path) -> Path:
    """Fetch, verify and cache, as `hub.fetch` does once it has the card."""
    from hub.assets.cache.cache import Cache
    from hub.assets.store import fetch_asset
    from hub.cards.asset import Asset
    from hub.digests import Digest

    return fetch_asset(Asset("ckpt", url, Digest(sha256)), Cache(folder / "cache")).path


def fetch_with_requests(url: str, sha256: str, folder: Path) -> Path:  # noqa: ARG001
    """Write what comes to the disk, and nothing else."""
    import requests

    path = folder / "file"
    with requests.get(url, stream=True, timeout=30) as response, path.open("wb") as file:
        response.raise_for_status()
        for chunk in response.iter_content(_CHUNK):
            file.write(chunk)
    return path


def fetch_with_pooch(url: str, sha256: str, folder: Path) -> Path:
    """Fetch, then read again to verify."""
    import pooch

    pooch.get_logger().setLevel("ERROR")
    return Path(pooch.retrieve(url, known_hash=f"sha256:{sha256}", path=folder / "pooch"))


def fetch_with_huggingface(url: str, sha256: str, folder: Path) -> Path:  # noqa: ARG001
    """Fetch into the Hub's cache; the size is checked, the digest is not."""
    from huggingface_hub import hf_hub_download

    endpoint, _, rest = url.partition("/org/model/resolve/main/")
    return Path(
        hf_hub_download("org/model", rest, endpoint=endpoint, cache_dir=folder / "hf", token=False)
    )


def fetch_with_curl(url: str, sha256: str, folder: Path) -> Path:  # noqa: ARG001
    """Fetch with another language's client, as a process; nothing is checked."""
    path = folder / "file"
    subprocess.run(["curl", "--silent", "--fail", "--output", str(path), url], check=True)
    return path


OURS = "hub"
CONTESTANTS = {
    OURS: fetch_with_hub,
    "requests": fetch_with_requests,
    "pooch": fetch_with_pooch,
    "huggingface_hub": fetch_with_huggingface,
    "curl": fetch_with_curl,
}


def name_contestant(name: str) -> str | None:
    """Say who it is and what it does not do; None if it is not installed."""
    from importlib.metadata import version

    if name == "curl":
        return "curl, as a process; checks nothing" if shutil.which("curl") else None
    if importlib.util.find_spec(name) is None:
        return None
    words = {
        "requests": "{} {} to disk; checks nothing",
        "pooch": "{} {}; reads the file again to check the digest",
        "huggingface_hub": "{} {} without Xet; checks the size, not the digest",
    }
    return words[name].format(name, version(name))


def clean_environment(folder: Path) -> dict[str, str]:
    """Return the variables that keep a contestant from a proxy, a bar and the user's folders."""
    settings = [name for name in os.environ if name.startswith("MSHUB_")]
    return dict.fromkeys(settings, "") | {
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
        "HF_HOME": str(folder / "hf"),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    }
