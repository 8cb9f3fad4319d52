"""The linter's settings: ``[tool.mshub]`` of pyproject.toml, or ``mshub.toml``.

::

    [tool.mshub]
    extend-select = ["license-not-spdx"]
    ignore = ["MC310"]
    fail-level = "error"
    baseline = "mshub-baseline.json"
    exclude = ["drafts/*"]

    [tool.mshub.per-file-ignores]
    "legacy/*" = ["MC4"]

    [tool.mshub.vocabularies]
    datasets = ["OurOwnFlowers"]
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal

from hub.errors import ArgumentError
from hub.findings import SEVERITIES, Severity
from hub.lint.paths import make_relative
from hub.lint.vocabulary import Vocabulary

_LISTS = ("select", "extend-select", "ignore", "exclude")
_KEYS = (*_LISTS, "fail-level", "baseline", "per-file-ignores", "vocabularies")


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What decides which rules run where.

    Attributes:
        file: Where it was read from; None if no file says anything.
        select: Selectors instead of the default rules; None takes those.
        extend_select: Selectors on top.
        ignore: Selectors of what does not run.
        per_file_ignores: Patterns of paths with the selectors that do not run there.
        exclude: Patterns of paths that are not checked unless they are named themselves.
        fail_level: The mildest severity that makes a run fail.
        baseline: The file of findings that are known; None for none.
        vocabulary: Words beyond the built-in ones.
    """

    file: Path | None = None
    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    exclude: tuple[str, ...] = ()
    fail_level: Severity = "warning"
    baseline: Path | None = None
    vocabulary: Vocabulary = Vocabulary()  # noqa: RUF009, it is frozen

    @property
    def folder(self) -> Path:
        """What patterns are relative to: the configuration's folder, or the working folder."""
        return self.file.parent if self.file else Path.cwd()

    def override(
        self,
        *,
        select: Sequence[str] | None = None,
        extend_select: Sequence[str] = (),
        ignore: Sequence[str] = (),
        fail_level: Severity | None = None,
        baseline: Path | Literal[False] | None = None,
    ) -> Configuration:
        """Return the configuration with what a caller says on top.

        A selection takes the place of all that the file selects and ignores, but for single files;
        everything else adds to it. The baseline is another file's, or with False none at all.

        Example:
            >>> base = Configuration(ignore=("MC3",))
            >>> base.override(ignore=["MC4"]).ignore, base.override(select=["MC304"]).ignore
            (('MC3', 'MC4'), ())
        """
        fresh = select is not None
        return replace(
            self,
            select=tuple(select) if select is not None else self.select,
            extend_select=(*(() if fresh else self.extend_select), *extend_select),
            ignore=(*(() if fresh else self.ignore), *ignore),
            fail_level=fail_level or self.fail_level,
            baseline=self.baseline if baseline is None else baseline or None,
        )

    def ignores(self, path: str) -> tuple[str, ...]:
        """Return the selectors that do not run for a file.

        Example:
            >>> Configuration(per_file_ignores=(("*/old/*", ("MC4",)),)).ignores("cards/old/a.md")
            ('MC4',)
        """
        if not self.per_file_ignores:
            return ()
        matching = (
            codes for pattern, codes in self.per_file_ignores if self.matches(path, pattern)
        )
        return tuple(code for codes in matching for code in codes)

    def excludes(self, path: str) -> bool:
        """Tell whether a file below a named folder is left out."""
        return any(self.matches(path, pattern) for pattern in self.exclude)

    def matches(self, path: str, pattern: str) -> bool:
        """Tell whether a pattern means a file, or a folder above it.

        A pattern with a ``/`` means paths from the configuration's folder, one without it the
        names of files and folders anywhere. ``*`` stands for any text, ``**/`` for any folders.

        Example:
            >>> Configuration().matches("cards/old/a.md", "cards/**/a.md")
            True
            >>> Configuration().matches("cards/old/a.md", "old")
            True
        """
        relative = make_relative(path, self.folder)
        whole = pattern.removeprefix("./").rstrip("/")
        if "/" not in whole:
            return any(fnmatchcase(name, whole) for name in relative.split("/"))
        forms = {whole, whole.replace("**/", "")}
        return any(fnmatchcase(relative, form + end) for form in forms for end in ("", "/*"))


def find_configuration(paths: Sequence[str]) -> Configuration:
    """Read the configuration that is nearest above all paths that are to be checked.

    Args:
        paths: Files and folders; none takes the working folder.

    Returns:
        What the first ``mshub.toml``, or ``pyproject.toml`` with ``[tool.mshub]``, says on the
        way up from the folder that holds all paths; the default if there is none.

    Raises:
        ArgumentError: A file cannot be read, or says what cannot work.
    """
    try:
        folder = Path(os.path.commonpath([os.path.abspath(path) for path in paths] or ["."]))  # noqa: PTH100
    except ValueError:  # paths on several drives
        folder = Path.cwd()
    for parent in (folder.absolute(), *folder.absolute().parents):
        for name in ("mshub.toml", "pyproject.toml"):
            file = parent / name
            if os.path.isfile(file) and (table := _read_table(file)) is not None:  # noqa: PTH113, never raises
                return _build(file, table)
    return Configuration()


def read_configuration(file: Path) -> Configuration:
    """Read the configuration in a file.

    Raises:
        ArgumentError: The file cannot be read, or says what cannot work.
    """
    table = _read_table(file)
    if table is None:
        raise ArgumentError(f"{file} has no [tool.mshub]; add it, or name another file")
    return _build(file.absolute(), table)


def _parse_toml(text: str) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    return tomllib.loads(text)


def _read_table(file: Path) -> Mapping[str, Any] | None:
    try:
        content = _parse_toml(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ArgumentError(f"{file} cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise ArgumentError(f"{file} is not TOML: {error}") from error
    if file.name != "pyproject.toml":
        return content
    tools = content.get("tool")
    table = tools.get("mshub") if isinstance(tools, dict) else None
    if not isinstance(table, dict | None):
        raise ArgumentError(f"{file}: tool.mshub must be a table, not {table!r}")
    return table


def _build(file: Path, table: Mapping[str, Any]) -> Configuration:
    _check_keys(file, table, _KEYS, "")
    lists = {key: _read_list(file, key, table[key]) for key in _LISTS if key in table}
    ignores = _read_lists(file, "per-file-ignores", table)
    words = _read_lists(file, "vocabularies", table)
    _check_keys(
        file, words, [f.name.replace("_", "-") for f in fields(Vocabulary)], "vocabularies."
    )
    level = table.get("fail-level", "warning")
    if level not in SEVERITIES:
        raise ArgumentError(
            f"{file}: fail-level must be one of {', '.join(SEVERITIES)}, not {level!r}"
        )
    baseline = table.get("baseline")
    if not isinstance(baseline, str | None):
        raise ArgumentError(f"{file}: baseline must be the path of a file, not {baseline!r}")
    configuration = Configuration(
        file=file,
        select=lists.get("select"),
        extend_select=lists.get("extend-select", ()),
        ignore=lists.get("ignore", ()),
        exclude=lists.get("exclude", ()),
        per_file_ignores=tuple(ignores.items()),
        fail_level=level,
        baseline=file.parent / baseline if baseline else None,
        vocabulary=Vocabulary(**{k.replace("-", "_"): frozenset(v) for k, v in words.items()}),
    )
    _check_selectors(configuration)
    return configuration


def _check_selectors(configuration: Configuration) -> None:
    """Say at once which file names a rule that does not exist."""
    from hub.lint.catalogue import catalogue
    from hub.lint.selection import select_rules

    exceptions = (code for _, codes in configuration.per_file_ignores for code in codes)
    try:
        select_rules(
            catalogue(),
            configuration.select,
            configuration.extend_select,
            (*configuration.ignore, *exceptions),
        )
    except ArgumentError as error:
        raise ArgumentError(f"{configuration.file}: {error}") from error


def _read_lists(file: Path, key: str, table: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    value = table.get(key, {})
    if not isinstance(value, dict):
        raise ArgumentError(f"{file}: {key} must be a table of lists, not {value!r}")
    return {name: _read_list(file, f"{key}.{name}", item) for name, item in value.items()}


def _read_list(file: Path, key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ArgumentError(f"{file}: {key} must be a list of texts, not {value!r}")
    return tuple(value)


def _check_keys(file: Path, table: Mapping[str, Any], known: Sequence[str], place: str) -> None:
    for key in table:
        if key not in known:
            from difflib import get_close_matches

            near = get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
            raise ArgumentError(f"{file}: there is no setting {place}{key}; {hint}")
