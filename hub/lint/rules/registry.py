"""MC8xx: what shows only when several cards of a registry lie side by side.

Every rule takes the summaries of all cards at once, and goes over them a fixed number of times.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from hub.cards.evaluation import Evaluation
from hub.cards.nodes import ScalarNode
from hub.lint.agreement import agree
from hub.lint.rule import Draft, rule
from hub.lint.summary import Offer, Summary
from hub.lint.wording import fold

Findings = Iterator[tuple[Summary, Draft]]

_TWIN = "_cn"
_LASTING = ("model-name", "backbone-name", "module-type", "train-dataset")
_SAME_IN_TWINS = ("model-name", "backbone-name", "model-version", "mindspore-version", "evaluation")


def _draft(node: ScalarNode, key: str, message: str) -> Draft:
    return Draft(node.start, node.end, key, message, None)


@rule("MC801", "digest-collision", "error", scope="registry")
def find_digest_collision(cards: Sequence[Summary]) -> Findings:
    """A digest belongs to one file in each version folder.

    Two links with one digest are one file under two names, or one of the cards states the digest
    of the other's file: then its own file is refused after the download, or another model is
    loaded in its place. Compute the digest of each file; if they are one, link it once.
    """
    known: dict[tuple[str, str], list[tuple[Summary, Offer]]] = defaultdict(list)
    for card in cards:
        for offer in card.offers:
            known[card.location.folder, offer.digest].append((card, offer))
    for group in known.values():
        first = group[0]
        second = next((entry for entry in group if entry[1].link != first[1].link), None)
        for card, offer in group if second else ():
            other, its = first if second is None or offer.link != first[1].link else second
            where = "this card" if other is card else other.location.uid
            message = f"{where} states the same digest for another link, {its.link}"
            yield card, _draft(offer.node, f"{offer.key}.asset-sha256", message)


@rule("MC802", "shared-model-name", "note", scope="registry")
def find_shared_model_name(cards: Sequence[Summary]) -> Findings:
    """A model-name belongs to one card in each version folder.

    The official cards use model-name for the name of the network's code, which several trainings
    share; who looks a model up by it gets any of them. Tell such cards apart by their uid.
    """
    groups: dict[tuple[str, str], list[Summary]] = defaultdict(list)
    for card in cards:
        if card.text("model-name") and not card.location.stem.endswith(_TWIN):
            groups[card.location.folder, card.text("model-name")].append(card)
    for (folder, name), group in groups.items():
        for card in group if len(group) > 1 else ():
            other = group[1] if card is group[0] else group[0]
            message = f"{len(group)} cards in {folder} are '{name}', {other.location.stem}.md too"
            yield card, _draft(card.fields["model-name"], "model-name", message)


@rule("MC811", "same-digest-other-result", "note", scope="registry")
def find_same_digest_other_result(cards: Sequence[Summary]) -> Findings:
    """One file has one result in all versions.

    The digest says that the file is the one of the version before, so its numbers are its numbers,
    unless they were measured in another way. Check which is right, and say what was measured.
    """
    for older, newer in _pair_versions(cards):
        shared = {offer.digest for offer in older.offers} & {o.digest for o in newer.offers}
        texts = older.text("evaluation"), newer.text("evaluation")
        if not shared or texts[0] == texts[1] or not all(texts):
            continue
        before = {metric.canonical: metric for metric in Evaluation(texts[0]).metrics}
        for metric in Evaluation(texts[1]).metrics:
            other = before.get(metric.canonical)
            if other and not agree(metric.value, other.value):
                message = (
                    f"{metric.name} is {metric.value} here, {other.value} in"
                    f" {older.location.uid}, which has the same digest"
                )
                yield newer, _draft(newer.fields["evaluation"], "evaluation", message)


@rule("MC812", "field-drift", "note", scope="registry")
def find_field_drift(cards: Sequence[Summary]) -> Findings:
    """A card says of its model what the card of the version before said.

    model-name, backbone-name, module-type and train-dataset stay what they are when a model is
    published for a new version, so a change is often a slip, and a filter by the field loses the
    model's history. Case and punctuation do not count. Check which of the two is right.
    """
    for older, newer in _pair_versions(cards):
        for key in _LASTING:
            before, after = older.text(key), newer.text(key)
            if before and after and before != after and fold(before) != fold(after):
                message = f"'{after}' here, '{before}' in {older.location.uid}"
                yield newer, _draft(newer.fields[key], key, message)


@rule("MC813", "twin-drift", "warning", scope="registry")
def find_twin_drift(cards: Sequence[Summary]) -> Findings:
    """A Chinese card states the facts of its English twin.

    'name_cn.md' is 'name.md' in another language: what differs in names, versions, numbers or
    digests is wrong in one of them, and readers of the two pages get two models. Mend the wrong one.
    """
    by_uid = {card.location.uid: card for card in cards}
    for card in cards:
        twin = by_uid.get(card.location.uid.removesuffix(_TWIN))
        if twin is None or twin is card:
            continue
        for key in _SAME_IN_TWINS:
            ours, theirs = card.text(key), twin.text(key)
            if ours and theirs and ours.split() != theirs.split():
                message = f"'{ours}' here, '{theirs}' in the English {twin.location.stem}.md"
                yield card, _draft(card.fields[key], key, message)
        for ours_, theirs_ in zip(card.offers, twin.offers, strict=False):
            if ours_.digest != theirs_.digest:
                message = f"not the digest of the English {twin.location.stem}.md"
                yield card, _draft(ours_.node, f"{ours_.key}.asset-sha256", message)


def _pair_versions(cards: Iterable[Summary]) -> Iterator[tuple[Summary, Summary]]:
    """Pair each card with that of the next version in which there is one."""
    models: dict[tuple[str, str | None, str], list[Summary]] = defaultdict(list)
    for card in cards:
        where = card.location
        models[where.owner, where.backend, where.stem].append(card)
    for versions in models.values():
        yield from pairwise(sorted(versions, key=lambda card: card.location.version))
