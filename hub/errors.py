"""Every error that mshub raises, as one tree.

::

    HubError                                                     exit code
    ├── ArgumentError (ValueError)         a wrong argument or setting  2
    ├── ModelIdError (ValueError)          not an id, a path or a URL   2
    ├── ModelNotFoundError (LookupError)   no card under that id        3
    ├── AmbiguousModelError (LookupError)  several cards under that id  3
    ├── RegistryError (OSError)            a registry cannot be read    3
    ├── CardError (ValueError)             a card cannot be understood  1
    ├── AssetError
    │   ├── AssetNotFoundError (LookupError)  the card lists no such    3
    │   ├── DownloadError (OSError)        no source gave the file      4
    │   │   └── NoAnswerError              the server is out of reach   4
    │   ├── OfflineError (OSError)         not cached, network is off   4
    │   └── IntegrityError (ValueError)    not the file the card means  5
    │       └── UnsafeFileError            a pickle, an archive, a page 5
    ├── CacheError (OSError)               the cache folder fails       6
    ├── ImageError (ValueError)            no image that can be read    1
    ├── MissingDependencyError (ImportError)  a package is not there    7
    └── LoadError
        ├── ArchitectureError (LookupError)   we build no such network  3
        ├── CheckpointError (ValueError)   not a readable checkpoint    1
        └── WeightsError (ValueError)      weights of another network   1

Each class is also the builtin that a Python programmer would guess, so ``except ValueError`` works
as expected. A message says what happened, where, and what to do next; the facts behind it are
attributes. ``exit_code`` is what the command line ends with.
"""

from __future__ import annotations

from collections.abc import Sequence


class HubError(Exception):
    """The base of all mshub errors: catch this one to catch them all.

    Example:
        >>> import hub
        >>> try:
        ...     hub.card("no such id")
        ... except hub.HubError as error:
        ...     print(type(error).__name__, error.exit_code)
        ModelIdError 2
    """

    exit_code = 1


class ArgumentError(HubError, ValueError):
    """An argument or a setting has a value that cannot work."""

    exit_code = 2


class ModelIdError(HubError, ValueError):
    """The text is neither ``owner/name[@version]`` nor a card's path or https URL."""

    exit_code = 2

    def __init__(self, message: str, *, text: str = "") -> None:
        super().__init__(message)
        self.text = text


class ModelNotFoundError(HubError, LookupError):
    """No registry has a card under this id; ``suggestions`` are the nearest ids."""

    exit_code = 3

    def __init__(
        self, message: str, *, model_id: str = "", suggestions: Sequence[str] = ()
    ) -> None:
        super().__init__(message)
        self.model_id = model_id
        self.suggestions = tuple(suggestions)


class AmbiguousModelError(HubError, LookupError):
    """Several cards answer to this id; ``candidates`` are the exact ids to choose from."""

    exit_code = 3

    def __init__(self, message: str, *, model_id: str = "", candidates: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.model_id = model_id
        self.candidates = tuple(candidates)


class RegistryError(HubError, OSError):
    """A registry, a folder of cards or a URL with an index of them, cannot be read."""

    exit_code = 3

    def __init__(self, message: str, *, location: str = "") -> None:
        super().__init__(message)
        self.location = location


class CardError(HubError, ValueError):
    """A file is no model card, or lacks what is asked of it; ``reason`` says why."""

    def __init__(self, message: str, *, source: str = "", reason: str = "") -> None:
        super().__init__(message)
        self.source = source
        self.reason = reason


class AssetError(HubError):
    """The base of what goes wrong between a card's asset and a verified file."""


class AssetNotFoundError(AssetError, LookupError):
    """The card lists no asset of the wanted format."""

    exit_code = 3

    def __init__(
        self,
        message: str,
        *,
        model_id: str = "",
        file_format: str | None = None,
        available: Sequence[str] = (),
    ) -> None:
        super().__init__(message)
        self.model_id = model_id
        self.file_format = file_format
        self.available = tuple(available)


class DownloadError(AssetError, OSError):
    """No source delivered the whole file; ``status`` is the HTTP status, if there was an answer.

    ``received`` is how many bytes are kept, from which the next call goes on.
    """

    exit_code = 4

    def __init__(
        self, message: str, *, url: str = "", status: int | None = None, received: int = 0
    ) -> None:
        super().__init__(message)
        self.url = url
        self.status = status
        self.received = received

    def __str__(self) -> str:
        message = super().__str__()
        kept = f"{self.received:,} bytes are kept, and the next call goes on from there"
        return f"{message}; {kept}" if self.received else message


class NoAnswerError(DownloadError):
    """The server cannot be reached: no such host, no connection, no trusted certificate."""


class OfflineError(AssetError, OSError):
    """The file is not in the cache and the network is switched off."""

    exit_code = 4

    def __init__(self, message: str, *, url: str = "") -> None:
        super().__init__(message)
        self.url = url


class IntegrityError(AssetError, ValueError):
    """A file's content is not what its digest promises; it was not kept under its name.

    ``expected`` and ``actual`` are SHA-256 digests, ``expected`` perhaps a prefix (``strength``
    says so in words), ``size`` is in bytes, and ``kept`` is where the wrong file lies, if it does.
    """

    exit_code = 5

    def __init__(
        self,
        message: str,
        *,
        url: str = "",
        expected: str = "",
        actual: str = "",
        strength: str = "",
        size: int | None = None,
        kept: str = "",
    ) -> None:
        super().__init__(message)
        self.url = url
        self.expected = expected
        self.actual = actual
        self.strength = strength
        self.size = size
        self.kept = kept

    def __str__(self) -> str:
        message = super().__str__()
        return f"{message}; what came is kept for a look in {self.kept}" if self.kept else message


class UnsafeFileError(IntegrityError):
    """The file is of a kind that mshub never opens: a pickle, an archive, a program, a web page."""


class CacheError(HubError, OSError):
    """The cache folder (or another file we must write) cannot be used."""

    exit_code = 6

    def __init__(self, message: str, *, path: str = "") -> None:
        super().__init__(message)
        self.path = path


class ImageError(HubError, ValueError):
    """What was given is no image that can be read; ``source`` is its path or what it is called.

    Example:
        >>> ImageError("photo.jpg is truncated", source="photo.jpg").exit_code
        1
    """

    def __init__(self, message: str, *, source: str = "") -> None:
        super().__init__(message)
        self.source = source


class MissingDependencyError(HubError, ImportError):
    """An optional package is not installed, or one that is installed breaks it."""

    exit_code = 7

    def __init__(self, message: str, *, package: str = "") -> None:
        super().__init__(message)
        self.package = package


class LoadError(HubError):
    """The base of what goes wrong between a verified file and a ready network."""


class ArchitectureError(LoadError, LookupError):
    """No builder knows this architecture; ``known`` lists those that can be built."""

    exit_code = 3

    def __init__(self, message: str, *, name: str = "", known: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.name = name
        self.known = tuple(known)


class CheckpointError(LoadError, ValueError):
    """The file is not a checkpoint that can be read safely and completely."""

    def __init__(self, message: str, *, path: str = "") -> None:
        super().__init__(message)
        self.path = path


class WeightsError(LoadError, ValueError):
    """The checkpoint's parameters are not the network's; every difference is listed."""

    def __init__(
        self,
        message: str,
        *,
        missing: Sequence[str] = (),
        unexpected: Sequence[str] = (),
        mismatched: Sequence[str] = (),
    ) -> None:
        super().__init__(message)
        self.missing = tuple(missing)
        self.unexpected = tuple(unexpected)
        self.mismatched = tuple(mismatched)
