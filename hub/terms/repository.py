"""The ``repo-link`` line of a card: which repository, which state of it, which folder in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from hub.versions import Version

_URL = re.compile(r"(?i:https?)://(?P<host>[A-Za-z0-9.-]{1,253}(?::\d{1,5})?)/(?P<path>[^\s<>]+)")
_NAME = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.~-]{0,254}", re.ASCII)
_HOSTS = frozenset(
    {
        "atomgit.com",
        "bitbucket.org",
        "codeberg.org",
        "gitcode.com",
        "gitcode.net",
        "gitee.com",
        "github.com",
        "gitlab.com",
        "hf.co",
        "huggingface.co",
        "modelscope.ai",
        "modelscope.cn",
        "raw.githubusercontent.com",
    }
)
_OWN_HOST = re.compile(r"(?:git|gitea|gitlab)\.[a-z0-9.:-]+")  # such as gitlab.example.com
_KINDS = frozenset({"models", "datasets", "spaces", "studios"})  # /datasets/owner/name
_NO_OWNERS = frozenset(
    {"", ".", "..", "blog", "collections", "docs", "explore", "features", "marketplace", "orgs"}
    | {"papers", "search", "settings", "sponsors", "topics", "users"}
)
_FOLDER_WORDS = frozenset({"tree", "src"})
_FILE_WORDS = frozenset({"blob", "raw", "resolve", "edit", "blame"})
_PLACE_WORDS = _FOLDER_WORDS | _FILE_WORDS
_REF_KINDS = frozenset({"branch", "tag", "commit"})
_LONGEST = 2000  # characters

_RELEASE = re.compile(
    r"(?:[rRvV]|release-?)?(?P<version>\d{1,6}(?:\.\d{1,6}){1,3})"
    r"(?:[-_.+]?(?:alpha|beta|rc|a|b|post)[-.]?\d{0,6})?",
    re.ASCII,
)
_COMMIT = re.compile(r"(?=[a-f]{0,63}\d)[0-9a-f]{7,64}|[0-9a-f]{40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Repository:
    """A place in a repository, as a link names it.

    A ref that holds a ``/`` cannot be told from a folder by its link; its first part is the ref.

    Attributes:
        url: The link without ``<…>``, query and fragment.
        host: The host in lower case, without ``www.``.
        owner: The user or organisation; with its subgroups, on GitLab.
        name: The repository, without ``.git``.
        ref: The branch, tag or commit, or None.
        folder: The folder (of a file, the folder that it is in), or None for the top one.

    Example:
        >>> place = read_repository("<https://gitee.com/mindspore/models/tree/r1.10/official/cv>")
        >>> place.owner, place.name, place.ref, place.folder
        ('mindspore', 'models', 'r1.10', 'official/cv')
        >>> place.pinned, str(place.release)
        (True, '1.10')
    """

    url: str
    host: str
    owner: str
    name: str
    ref: str | None
    folder: str | None

    @property
    def pinned(self) -> bool:
        """Whether the ref names a release (``v0.4.0``, ``r1.10``, ``2.3``) or a commit.

        Any other branch moves on, ``master`` and ``main`` above all, and so does a missing ref.
        """
        ref = self.ref or ""
        return bool(_RELEASE.fullmatch(ref) or _COMMIT.fullmatch(ref))

    @property
    def release(self) -> Version | None:
        """The version that the ref names, without ``-rc1`` and its like; None if it names none."""
        match = _RELEASE.fullmatch(self.ref or "")
        try:
            return Version.parse(match["version"]) if match else None
        except ValueError:  # 2024.01
            return None


@lru_cache(maxsize=1024)
def read_repository(url: str) -> Repository | None:
    """Read the link to a repository, or to a folder or file in one.

    GitHub, Gitee, GitLab, AtomGit, GitCode, Codeberg, Bitbucket, Hugging Face and ModelScope are
    known, and hosts such as ``gitlab.example.com``.

    Args:
        url: An http or https link, in ``<…>`` or bare.

    Returns:
        What the link names, or None if it names no repository of a known host.

    Example:
        >>> read_repository("https://github.com/mindspore-lab/mindcv/blob/v0.5.0/README.md").ref
        'v0.5.0'
        >>> print(read_repository("https://github.com/mindspore-lab"))
        None
    """
    text = url.strip().removeprefix("<").removesuffix(">").strip()
    plain = text.partition("#")[0].partition("?")[0]
    match = _URL.fullmatch(plain) if len(plain) <= _LONGEST else None
    if match is None:
        return None
    host = match["host"].lower().removeprefix("www.")
    parts = [part for part in match["path"].split("/") if part]
    if host not in _HOSTS and not _OWN_HOST.fullmatch(host):
        return None
    owner, name, rest = _read_owner(host, parts)
    if owner.partition("/")[0].lower() in _NO_OWNERS or not _are_names(*owner.split("/"), name):
        return None
    ref, folder = _read_place(host, rest)
    return Repository(plain, host, owner, name, ref, folder)


def _read_owner(host: str, parts: list[str]) -> tuple[str, str, list[str]]:
    """Take owner and name from the parts of a path; they are empty if they are not there."""
    if host in {"huggingface.co", "hf.co", "modelscope.cn", "modelscope.ai"}:
        parts = parts[1:] if parts and parts[0] in _KINDS else parts
    end = 2
    if "gitlab" in host:  # groups have subgroups, so that "-" alone ends the name
        end = parts.index("-") if "-" in parts else _find_word(parts)
    if len(parts) < 2 or end < 2:
        return "", "", []
    name = parts[end - 1].removesuffix(".git")
    rest = parts[end + 1 :] if parts[end : end + 1] == ["-"] else parts[end:]
    return "/".join(parts[: end - 1]), name, rest


def _find_word(parts: list[str]) -> int:
    """Find where an old GitLab path (without ``/-/``) goes on to ``tree`` or ``blob``."""
    places = (at for at, part in enumerate(parts) if at >= 2 and part in _PLACE_WORDS)
    return next(places, len(parts))


def _are_names(*names: str) -> bool:
    return all(map(_NAME.fullmatch, names)) and not {".", ".."}.intersection(names)


def _read_place(host: str, rest: list[str]) -> tuple[str | None, str | None]:
    """Read ref and folder from what stands behind the name."""
    word, *place = rest or [""]
    if host == "raw.githubusercontent.com":
        word, place = "raw", rest
    elif rest[:2] == ["file", "view"]:  # ModelScope
        word, place = "blob", rest[2:]
    elif word == "src" and place and place[0] in _REF_KINDS:  # Gitea
        place = place[1:]
    elif rest[:2] == ["releases", "tag"] or word in {"commit", "commits"}:
        return (rest[-1], None) if len(rest) > 1 else (None, None)
    if not place or word not in _PLACE_WORDS:
        return None, None
    ref, *path = place
    folder = path[:-1] if word in _FILE_WORDS else path
    return ref, "/".join(folder) or None
