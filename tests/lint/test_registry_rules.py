"""The rules of the MC8xx family: what shows only when several cards lie side by side."""

import pickle

import pytest

from hub.cards.document import Document
from hub.lint.rule import Rule
from hub.lint.rules import registry as rules
from hub.lint.subject import Subject
from hub.lint.summary import Summary, summarise

CARD = """\
# lite0

---

model-name: {name}

module-type: {kind}

train-dataset: CIFAR-10

evaluation: {evaluation}

asset:

- file-format: ckpt
  asset-link: <https://example.com/{file}.ckpt>
  asset-sha256: {digest}

---
"""
DEFAULTS = {
    "name": "lite0",
    "kind": "cv",
    "evaluation": "acc88.0",
    "file": "lite0",
    "digest": "0123abcd",
}


def card(path: str, **values: str) -> Subject:
    return Subject(Document(CARD.format(**DEFAULTS | values), f"registry/{path}.md"))


def summary(path: str, **values: str) -> Summary:
    found = summarise(card(path, **values))
    assert found
    return found


def find(rule: Rule, *cards: Summary) -> list[tuple[str, str, str]]:
    """The uid of each flagged card, the key and the message."""
    return [(card.location.uid, draft.key, draft.message) for card, draft in rule.check(cards)]


def test_two_links_with_one_digest_in_a_version_are_flagged_with_each_others_link() -> None:
    one = summary("acme/2.5/a", file="a")
    other = summary("acme/2.5/b", file="b", digest="0123ABCD")
    assert find(rules.find_digest_collision, one, other) == [
        (
            "acme/2.5/a",
            "asset[0].asset-sha256",
            "acme/2.5/b states the same digest for another link, https://example.com/b.ckpt",
        ),
        (
            "acme/2.5/b",
            "asset[0].asset-sha256",
            "acme/2.5/a states the same digest for another link, https://example.com/a.ckpt",
        ),
    ]


def test_a_digest_collision_is_flagged_at_the_digest() -> None:
    cards = [card("acme/2.5/a", file="a"), card("acme/2.5/b", file="b")]
    summaries = [found for each in cards if (found := summarise(each))]
    drafts = [draft for _, draft in rules.find_digest_collision.check(summaries)]
    assert [cards[0].document.place(draft.start) for draft in drafts] == [(17, 17), (17, 17)]


@pytest.mark.parametrize(
    ("path", "file", "digest"),
    [
        ("acme/2.5/b", "lite0", "0123abcd"),  # the same file
        ("acme/2.3/b", "b", "0123abcd"),  # another version
        ("acme/gpu/2.5/b", "b", "0123abcd"),  # another device
        ("acme/2.5/b", "b", "0123abcd" + "0" * 56),  # a prefix may have any ending
    ],
)
def test_a_digest_may_be_shared_otherwise(path: str, file: str, digest: str) -> None:
    other = summary(path, file=file, digest=digest)
    assert find(rules.find_digest_collision, summary("acme/2.5/a"), other) == []


def test_two_assets_of_one_card_with_one_digest_are_flagged() -> None:
    more = "\n- file-format: mslite\n  asset-link: <https://example.com/b.ms>\n"
    text = CARD.format(**DEFAULTS).replace(
        "0123abcd\n", f"0123abcd{more}  asset-sha256: 0123abcd\n"
    )
    found = summarise(Subject(Document(text, "acme/2.5/a.md")))
    assert found
    assert find(rules.find_digest_collision, found)[1] == (
        "acme/2.5/a",
        "asset[1].asset-sha256",
        "this card states the same digest for another link, https://example.com/lite0.ckpt",
    )


def test_a_shared_model_name_is_flagged_in_one_folder_but_not_in_a_twin() -> None:
    cards = [summary(f"acme/{name}") for name in ("2.5/a", "2.5/b", "2.5/a_cn", "2.3/a")]
    assert find(rules.find_shared_model_name, *cards) == [
        ("acme/2.5/a", "model-name", "2 cards in acme/2.5 are 'lite0', b.md too"),
        ("acme/2.5/b", "model-name", "2 cards in acme/2.5 are 'lite0', a.md too"),
    ]


def test_another_result_of_the_same_file_is_flagged_in_the_newer_version() -> None:
    older = summary("acme/1.9/a", evaluation="acc87.0 | loss1.5")
    newer = summary("acme/1.10/a", evaluation="loss1.50 | acc88.0")
    assert find(rules.find_same_digest_other_result, newer, older) == [
        (
            "acme/1.10/a",
            "evaluation",
            "acc is 88.0 here, 87.0 in acme/1.9/a, which has the same digest",
        )
    ]


@pytest.mark.parametrize(
    ("evaluation", "digest"),
    [
        ("acc87.0", "89abcdef"),  # another file
        ("ACC88", "0123abcd"),  # another spelling
        ("-", "0123abcd"),  # not stated before
        ("top1acc87.0", "0123abcd"),  # another metric
    ],
)
def test_a_result_may_change_otherwise(evaluation: str, digest: str) -> None:
    older = summary("acme/1.9/a", evaluation=evaluation, digest=digest)
    assert find(rules.find_same_digest_other_result, older, summary("acme/1.10/a")) == []


def test_a_field_that_changes_between_versions_is_flagged_in_the_newer_one() -> None:
    cards = [summary("acme/1.10/a", kind="cv-classification"), summary("acme/1.9/a")]
    assert find(rules.find_field_drift, *cards) == [
        ("acme/1.10/a", "module-type", "'cv-classification' here, 'cv' in acme/1.9/a")
    ]


def test_each_version_is_compared_with_the_one_before_it() -> None:
    cards = [summary(f"acme/1.{n}/a", kind=kind) for n, kind in ((9, "cv"), (3, "cv"), (10, "nlp"))]
    assert [uid for uid, *_ in find(rules.find_field_drift, *cards)] == ["acme/1.10/a"]


@pytest.mark.parametrize(
    ("path", "name", "evaluation"),
    [
        ("acme/1.9/a", "Lite-0", "acc88.0"),  # case and punctuation
        ("acme/1.9/a", "lite0", "acc70.0"),  # a new file has a new result
        ("acme/1.9/b", "lite1", "acc88.0"),  # another model
        ("other/1.9/a", "lite1", "acc88.0"),  # another publisher
        ("acme/gpu/1.9/a", "lite1", "acc88.0"),  # another device
    ],
)
def test_fields_may_differ_otherwise(path: str, name: str, evaluation: str) -> None:
    older = summary(path, name=name, evaluation=evaluation)
    assert find(rules.find_field_drift, older, summary("acme/1.10/a")) == []


def test_a_twin_that_differs_is_flagged_in_the_chinese_card() -> None:
    twin = summary("acme/2.5/a_cn", name="LITE0", digest="89abcdef")
    assert find(rules.find_twin_drift, twin, summary("acme/2.5/a")) == [
        ("acme/2.5/a_cn", "model-name", "'LITE0' here, 'lite0' in the English a.md"),
        ("acme/2.5/a_cn", "asset[0].asset-sha256", "not the digest of the English a.md"),
    ]


@pytest.mark.parametrize(
    ("path", "other", "kind"),
    [
        ("acme/2.5/a_cn", "acme/2.5/a", "图像"),  # words may be translated
        ("acme/2.5/pgcn", "acme/2.5/p", "nlp"),  # a name that only ends so
        ("acme/2.5/a_cn", "acme/2.3/a", "nlp"),  # another version
    ],
)
def test_cards_that_are_no_twins_or_agree_pass(path: str, other: str, kind: str) -> None:
    assert find(rules.find_twin_drift, summary(path, kind=kind), summary(other)) == []


def test_a_card_outside_of_the_official_layouts_has_no_summary() -> None:
    assert summarise(card("cards/Acme/lite0")) is None


def test_a_summary_survives_the_way_between_processes() -> None:
    found = summary("acme/2.5/a")
    assert pickle.loads(pickle.dumps(found)) == found


@pytest.mark.parametrize("text", ["", "---\n---\n", "---\nasset: 1\nmodel-name:\n- a\n---\n"])
def test_a_card_that_lacks_nearly_all_is_compared_with_nothing(text: str) -> None:
    found = summarise(Subject(Document(text, "acme/2.5/a.md")))
    assert found
    for rule in vars(rules).values():
        if isinstance(rule, Rule):
            assert find(rule, found, found._replace(source="acme/2.3/a.md")) == []
