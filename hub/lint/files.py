"""Which files are checked, and how mended ones are written."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from hub.errors import CacheError, RegistryError
from hub.lint.configuration import Configuration

_NO_CARDS = ("readme*.md", "changelog.md", "contributing.md", "code_of_conduct.md", "security.md")
_NO_FOLDERS = frozenset({"node_modules", "__pycache__"})


def collect_files(paths: Iterable[str], configuration: Configuration) -> list[str]:
    """List the files to check: those that are named, and the cards below folders.

    Below a folder, that is every ``.md`` file but for a project's own texts (README.md,
    CHANGELOG.md, …), hidden folders, links to folders, and what the configuration excludes.

    Args:
        paths: Files and folders.
        configuration: What is excluded.

    Returns:
        Each file once, in the order of the paths, sorted within a folder.

    Raises:
        RegistryError: A path does not exist, or there is no card below a folder.
    """
    found: dict[str, None] = {}
    for path in paths:
        if not os.path.lexists(path):
            raise RegistryError(f"{path} does not exist; name card files or folders", location=path)
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


def write_file(path: str, content: bytes) -> None:
    """Put content into a file, all of it or nothing; a file that is there keeps its mode.

    Raises:
        CacheError: It cannot be written.
    """
    target = Path(os.path.realpath(path))  # a symbolic link stays one
    temporary = target.with_name(f".mshub-{secrets.token_hex(8)}")
    try:
        with temporary.open("xb") as file:
            file.write(content)
        with contextlib.suppress(FileNotFoundError):
            _take_after(temporary, target.stat())
        temporary.replace(target)
    except BaseException as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        if not isinstance(error, OSError):
            raise
        reason = error.strerror or error
        raise CacheError(f"{path} cannot be written: {reason}", path=path) from error


def _take_after(file: Path, model: os.stat_result) -> None:
    """Give a file the owner of another one, where that is allowed, and its mode."""
    if hasattr(os, "chown"):
        with contextlib.suppress(OSError):
            os.chown(file, model.st_uid, model.st_gid)
    file.chmod(model.st_mode)


def _walk(folder: str, configuration: Configuration) -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            items = list(entries)
    except OSError:
        yield folder  # reading it will say why not
        return
    for item in items:
        path = item.name if folder == os.curdir else item.path
        if item.name.startswith(".") or not _is_of_interest(item) or configuration.excludes(path):
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
    if not item.name.endswith(".md"):
        return False
    if any(fnmatchcase(item.name.lower(), pattern) for pattern in _NO_CARDS):
        return False
    if item.is_symlink():
        return os.path.isfile(item.path) or not os.path.exists(item.path)  # noqa: PTH110, PTH113
    return item.is_file(follow_symlinks=False)
