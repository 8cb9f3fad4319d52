"""Which files are checked."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from hub.errors import RegistryError
from hub.lint.configuration import Configuration
from hub.lint.paths import make_relative

_NO_CARDS = ("readme*.md", "changelog.md", "contributing.md", "code_of_conduct.md", "security.md")
_NO_FOLDERS = frozenset({"node_modules", "__pycache__"})


def collect_files(
    paths: Iterable[str], configuration: Configuration, *, force_exclude: bool = False
) -> list[str]:
    """List the files to check: those that are named, and the cards below folders.

    Below a folder, that is every ``.md`` file but for a project's own texts (README.md,
    CHANGELOG.md, …), hidden folders, links to folders, and what the configuration excludes.

    Args:
        paths: Files and folders.
        configuration: What is excluded.
        force_exclude: Whether a path that is named is left out, too, if a folder above it would
            leave it out, as where pre-commit names all files of a change.

    Returns:
        Each file once, in the order of the paths, sorted within a folder.

    Raises:
        RegistryError: A path does not exist, or there is no card below a folder.
    """
    found: dict[str, None] = {}
    for path in paths:
        if not os.path.lexists(path):
            raise RegistryError(f"{path} does not exist; name card files or folders", location=path)
        if force_exclude and _is_spared(path, configuration):
            continue
        plain = str(Path(path))  # ./a.md and a.md are one file
        if not os.path.isdir(path):  # noqa: PTH112, that one raises where it may not look
            found[plain] = None
            continue
        files = sorted(_walk(plain, configuration))
        if not files:
            spared = "that is not excluded" if configuration.exclude else "that ends in .md"
            raise RegistryError(f"{path} holds no card, no file {spared}", location=path)
        found |= dict.fromkeys(files)
    return list(found)


def _is_spared(path: str, configuration: Configuration) -> bool:
    """Tell whether a file or folder would be left out below the configuration's folder."""
    parts = make_relative(path, configuration.folder).split("/")
    inside = parts if parts[0] != os.pardir else parts[-1:]
    return (
        any(_is_hidden(name) or name in _NO_FOLDERS for name in inside)
        or _is_no_card(parts[-1])
        or configuration.excludes(path)
    )


def _walk(folder: str, configuration: Configuration) -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            items = list(entries)
    except OSError:
        yield folder  # reading it will say why not
        return
    for item in items:
        path = item.name if folder == os.curdir else item.path
        if _is_hidden(item.name) or not _is_of_interest(item) or configuration.excludes(path):
            continue
        if item.is_dir(follow_symlinks=False):
            yield from _walk(path, configuration)
        else:
            yield path


def _is_of_interest(item: os.DirEntry[str]) -> bool:
    """Tell folders and cards from the rest; links to folders would be other cards, or a circle.

    Pipes and devices are left out, broken links are not: reading them will say what is wrong.
    """
    if item.is_dir(follow_symlinks=False):
        return item.name not in _NO_FOLDERS
    if not item.name.endswith(".md") or _is_no_card(item.name):
        return False
    if item.is_symlink():
        return os.path.isfile(item.path) or not os.path.exists(item.path)  # noqa: PTH110, PTH113
    return item.is_file(follow_symlinks=False)


def _is_hidden(name: str) -> bool:
    return name.startswith(".") and name not in {os.curdir, os.pardir}


def _is_no_card(name: str) -> bool:
    return any(fnmatchcase(name.lower(), pattern) for pattern in _NO_CARDS)
