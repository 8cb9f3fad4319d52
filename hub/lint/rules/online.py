"""MC9xx: what only the network can tell. These rules run with ``--online`` alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hub.cards.asset import Asset
from hub.cards.nodes import ScalarNode
from hub.errors import DownloadError, IntegrityError
from hub.lint.rule import Drafts, replace_text, rule, unsafe_fix
from hub.lint.subject import Subject

if TYPE_CHECKING:
    from hub.lint.network import Network


def _read_assets(card: Subject) -> Iterator[Asset]:
    """The assets that have a link."""
    for asset in card.record.assets if card.record else ():
        if asset.link:
            yield asset


@rule("MC901", "dead-link", "error", scope="online")
def find_dead_link(card: Subject, network: Network) -> Drafts:
    """There is a file behind an asset's link.

    A model whose file is gone cannot be loaded, whatever else its card says. Link the file's new
    place; if the server was only out of reach for a while, ask again later.
    """
    for asset in _read_assets(card):
        answer = network.ask(asset.link)
        if not answer.alive:
            yield card.flag(f"{asset.key}.asset-link", str(answer))


@rule("MC902", "odd-size", "warning", scope="online")
def find_odd_size(card: Subject, network: Network) -> Drafts:
    """What is behind an asset's link can be the file.

    A server that has lost a file may still answer: with nothing, with a page that says so, or with
    another file of the same name. The size tells, before anything is fetched. Look at what the
    link leads to.
    """
    for asset in _read_assets(card):
        answer = network.ask(asset.link)
        cached = network.find_cached(asset) if answer.alive else None
        message = ""
        if answer.alive and answer.length == 0:
            message = "the file behind the link is empty"
        elif answer.alive and answer.content_type in {"text/html", "application/xhtml+xml"}:
            message = "the link leads to a web page, not to a file"
        elif cached and answer.length not in {None, cached.size}:
            message = f"the file has {answer.length:,} bytes now; the verified one {cached.size:,}"
        if message:
            yield card.flag(f"{asset.key}.asset-link", message)


@rule("MC903", "wrong-digest", "error", scope="online", default=False)
def find_wrong_digest(card: Subject, network: Network) -> Drafts:
    """The file behind an asset's link has the digest that the card states.

    A file with another digest is refused by everyone who loads the model. The rule fetches each
    file into the cache, once, and computes its SHA-256; since files are large, it runs only if it is
    selected. State that digest, if the file is right.
    """
    for asset in _read_assets(card):
        if asset.digest is None:
            continue
        try:
            network.fetch(asset)
        except IntegrityError as error:
            actual = f": its SHA-256 is {error.actual}" if error.actual else ""
            message = f"the file behind the link is another one{actual}"
            yield card.flag(f"{asset.key}.asset-sha256", message)
        except DownloadError:
            continue  # MC901's business


@rule("MC904", "full-digest-known", "warning", scope="online")
def find_full_digest_known(card: Subject, network: Network) -> Drafts:
    """A digest is stated whole where the file is at hand.

    Eight digits guard against accidents, not against a forged file, and the official loader
    refuses a file by them. The cache holds the file, or ``hub.lock`` lists it, so its whole digest
    is known. Write it, if you trust the file that was fetched; MC903 fetches those that are missing.
    """
    for asset in _read_assets(card):
        if asset.digest is None or asset.digest.complete:
            continue
        key = f"{asset.key}.asset-sha256"
        node, known = card.document.find(key), network.find_sha256(asset)
        if known and isinstance(node, ScalarNode):
            sha256, source = known
            fix = unsafe_fix(f"write {sha256}", replace_text(node, sha256))
            message = f"{len(asset.digest.hex)} of 64 digits; {source} tells them all"
            yield card.flag(key, message, fix)


@rule("MC905", "repo-ref", "warning", scope="online")
def find_missing_ref(card: Subject, network: Network) -> Drafts:
    """A repository's link leads to code.

    Without the code nobody can see how the model was made, or train it again; branches and tags
    are renamed, folders move. Link the place where the code is now, best under a release's tag.
    """
    for key, repository in card.record.repositories.items() if card.record else ():
        answer = network.ask(repository.url)
        if answer.status in {404, 410}:
            name = f"{repository.owner}/{repository.name}"
            lack = f"has no such folder at '{repository.ref}'" if repository.ref else "is gone"
            yield card.flag(key, f"{answer}: {name} {lack}, or is not public")
        elif not answer.alive:
            yield card.flag(key, str(answer))
