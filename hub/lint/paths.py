"""Where a source is: as seen from a folder, and as reports for other programs write it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import quote

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_STRAY_SURROGATES = re.compile("[\ud800-\udc7f\udd00-\udfff]")  # no path of Python's has them


def slash(source: str) -> str:
    """Write a path with forward slashes.

    Args:
        source: A path or a URL.

    Returns:
        The same, with ``/`` wherever this system separates folders.

    Example:
        >>> slash("cards/b0.md")
        'cards/b0.md'
    """
    return source.replace(os.sep, "/")


def is_url(source: str) -> bool:
    """Tell a URL from a path.

    Args:
        source: A path or a URL.

    Returns:
        Whether it is a URL.

    Example:
        >>> is_url("https://example.org/b0.md"), is_url("C:/cards/b0.md")
        (True, False)
    """
    return _SCHEME.match(source) is not None


def make_relative(source: str, folder: Path) -> str:
    """Write a path as seen from a folder, with forward slashes.

    Args:
        source: A path or a URL.
        folder: The folder.

    Returns:
        The relative path; a URL, no path at all and one on another drive stay what they are.

    Example:
        >>> make_relative("cards/b0.md", Path("known")), make_relative("", Path("known"))
        ('../cards/b0.md', '')
    """
    if is_url(source):
        return source
    try:
        return slash(os.path.relpath(source, folder))
    except ValueError:  # an empty path, or one on another drive
        return slash(source)


def find_relative(source: str) -> str | None:
    """Find the path from the working directory to a file below it.

    Args:
        source: A path or a URL.

    Returns:
        The path with forward slashes, or None for a URL and a file that is elsewhere.

    Example:
        >>> find_relative("./cards/b0.md"), find_relative("../b0.md")
        ('cards/b0.md', None)
    """
    if is_url(source) or not source:
        return None
    try:
        relative = os.path.relpath(source)
    except ValueError:  # another drive
        return None
    outside = relative == os.pardir or relative.startswith(os.pardir + os.sep)
    return None if outside else slash(relative)


def locate(source: str) -> str:
    """Write a source as forges want it: from the working directory, where that is possible.

    Args:
        source: A path or a URL.

    Returns:
        The relative path, or the source as it was given, with forward slashes.

    Example:
        >>> locate("./cards/b0.md"), locate("../b0.md")
        ('cards/b0.md', '../b0.md')
    """
    return find_relative(source) or slash(source)


def to_uri(source: str) -> str:
    """Write a source as an absolute URI.

    Args:
        source: A path or a URL.

    Returns:
        A ``file`` URI for a path, percent-encoded; a URL with its own percent signs kept.

    Example:
        >>> to_uri("/cards/b 0.md"), to_uri("https://example.org/b 0.md")
        ('file:///cards/b%200.md', 'https://example.org/b%200.md')
    """
    if is_url(source):
        return encode(source, safe="/:?#[]@!$&'()*+,;=%")
    path = slash(str(Path(os.path.abspath(source))))  # noqa: PTH100 - links are not followed
    return f"file:///{encode(path.removeprefix('/'), safe='/:')}"


def encode(path: str, *, safe: str = "/") -> str:
    r"""Percent-encode a path; bytes of a file name that are no UTF-8 stay these bytes.

    Args:
        path: A path with forward slashes.
        safe: The characters that stay beside letters, digits and ``_.-~``.

    Returns:
        What a URI may hold.

    Example:
        >>> encode("a b:é.md"), encode("\udcff.md")
        ('a%20b%3A%C3%A9.md', '%FF.md')
    """
    known = _STRAY_SURROGATES.sub("\ufffd", path)
    return quote(known, safe=safe, errors="surrogateescape")
