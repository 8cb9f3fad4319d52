"""MC100: files that cannot be read at all."""

from __future__ import annotations

from hub.errors import CardError
from hub.lint.rule import Draft, Drafts, rule


@rule("MC100", "unreadable-card", "error", scope="file")
def find_unreadable(error: CardError) -> Drafts:
    """A card is a file that can be read, of at most one mebibyte.

    A card that is missing, that may not be read, or that is larger than any card has reason to be
    (the largest official one has 78 kB) cannot be checked. Mend its permissions or its link, or
    leave it out with ``exclude``.
    """
    yield Draft(0, 0, "", error.reason, None)
