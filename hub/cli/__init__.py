"""The command line: each command parses its arguments, calls the API and renders the result.

Results go to standard output, everything else to standard error. The exit code is 0, or what the
error's class says (see :mod:`hub.errors`); 2 is a wrong use of the command line.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import sys
from importlib import import_module
from typing import Any

import click

from hub import __version__
from hub.cli.render import echo_text
from hub.errors import CacheError, HubError


class _Lines(logging.Handler):
    """Shows log records as errors are shown: a line on standard error."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            echo_text(f"{record.levelname.lower()}: {record.getMessage()}", err=True)
        except OSError:  # standard error is gone, and a warning is no reason to fail
            self.handleError(record)


_INTERRUPTED = 130  # what shells say of a program that Ctrl-C has ended
_HOMES = {
    "cache": ("caching", "cache"),
    "card": ("metadata", "card"),
    "convert": ("converting", "convert"),
    "doctor": ("diagnosis", "doctor"),
    "env": ("diagnosis", "env"),
    "export": ("exporting", "export"),
    "fetch": ("fetching", "fetch"),
    "index": ("indexing", "index"),
    "info": ("information", "info"),
    "list": ("commands", "list_"),
    "load": ("commands", "load"),
    "lock": ("fetching", "lock"),
    "predict": ("predicting", "predict"),
    "rule": ("validation", "rule"),
    "schema": ("exchange", "schema"),
    "search": ("searching", "search"),
    "validate": ("validation", "validate"),
}


class _HubGroup(click.Group):
    """Imports a command when it is asked for, and shows a HubError without a traceback."""

    def list_commands(self, _: click.Context) -> list[str]:
        return list(_HOMES)

    def get_command(self, _: click.Context, name: str) -> click.Command | None:
        if name not in _HOMES:
            return None
        module, attribute = _HOMES[name]
        command: click.Command = getattr(import_module(f"hub.cli.{module}"), attribute)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except HubError as error:
            with contextlib.suppress(OSError):
                echo_text(f"error: {error}", err=True)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            ctx.exit(_INTERRUPTED)

    def main(self, *args: Any, **kwargs: Any) -> Any:
        _open_streams()
        try:
            return super().main(*args, **kwargs)
        except OSError as error:  # such as a full disk behind standard output
            with contextlib.suppress(OSError):
                echo_text(f"error: {error}", err=True)
            sys.exit(CacheError.exit_code)


def _open_streams() -> None:
    """Give a program that was started without standard streams empty ones."""
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115


@click.group(cls=_HubGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mshub")
@click.option("-v", "--verbose", is_flag=True, help="Say what happens, on standard error.")
def main(verbose: bool) -> None:
    """Find, check, fetch and load the models of MindSpore model cards.

    An ID is owner/name, owner/name@version, an official uid such as
    mindspore/2.5/efficientnet_b0_imagenet2012, a card's path or its https URL.

    \b
    Exit codes: 0 ok, 1 problems found, 2 wrong use, 3 not found, 4 network,
    5 integrity, 6 disk or cache, 7 missing package.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a card may hold what a locale lacks
    level = logging.INFO if verbose else logging.WARNING
    logging.basicConfig(level=level, handlers=[_Lines()])
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # its retries are no news
