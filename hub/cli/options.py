"""Options that several commands have, with one name and one sentence each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])

registry_option = click.option(
    "--registry", metavar="FOLDER|URL", help="Look here instead of in MSHUB_REGISTRY."
)
no_progress_option = click.option("--no-progress", is_flag=True, help="Show no progress bar.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
allow_unverified_option = click.option(
    "--allow-unverified", is_flag=True, help="Accept a card that gives no digest for the file."
)
lock_option = click.option(
    "--lock", metavar="FILE", help="Take digests from this file, not the nearest hub.lock."
)
locked_option = click.option(
    "--locked", is_flag=True, help="Refuse a file that the lock does not list."
)


def asset_options(command: _Command) -> _Command:
    """Give a command the options by which it finds, fetches and verifies one model's file.

    They are ``allow_unverified``, ``lock``, ``locked``, ``registry`` and ``no_progress``.

    Args:
        command: The function below the decorator.

    Example:
        >>> @click.command()
        ... @asset_options
        ... def show(**options: object) -> None: ...
        >>> [parameter.name for parameter in show.params]
        ['allow_unverified', 'lock', 'locked', 'registry', 'no_progress']
    """
    for add in (
        no_progress_option,
        registry_option,
        locked_option,
        lock_option,
        allow_unverified_option,
    ):
        command = add(command)  # the last one is the first in the help
    return command
