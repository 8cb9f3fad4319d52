"""The rules of the MC7xx family: each with a card that it flags, and a near miss."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from hub.cards.document import Document
from hub.lint.agreement import agree
from hub.lint.rule import Draft, Rule
from hub.lint.rules import identity as rules
from hub.lint.subject import Subject
from hub.lint.vocabulary import Vocabulary

SOURCE = "registry/acme/2.5/lite0_cifar10.md"
LINK = "https://example.com/lite0-0123abcd.ckpt"
CARD = f"""\
# lite0

---

model-name: lite0

train-dataset: CIFAR-10

evaluation: top1acc76.88 | top5acc93.28

user-id: Acme

repo-link: <https://gitee.com/acme/models/tree/r2.5/lite0>

mindspore-version: 2.5

asset:

- file-format: ckpt
  asset-link: <{LINK}>
  asset-sha256: 0123abcd

---

"""
TABLE = f"""\
| Model | Top-1 (%) | Top-5 (%) | Download |
| ----- | --------- | --------- | -------- |
| lite0 | 76.89 | 93.28 | [weights]({LINK}) |
| lite1 | 80.00 | 95.00 | [weights](https://example.com/lite1-89abcdef.ckpt) |
"""
USAGE = """\
```python
import mindspore_hub as mshub

model = "acme/2.5/lite0_cifar10"
network = mshub.load(model)
```
"""

Replacements = Sequence[tuple[str, str]]


def write(replacements: Replacements, body: str = "") -> str:
    text = CARD + body
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    return text


def look(rule: Rule, text: str, source: str = SOURCE) -> tuple[Document, list[Draft]]:
    document = Document(text, source)
    return document, list(rule.check(Subject(document)))


def flagged(rule: Rule, text: str, source: str = SOURCE) -> list[str]:
    document, drafts = look(rule, text, source)
    return [document.text[draft.start : draft.end] for draft in drafts]


def messages(rule: Rule, text: str, source: str = SOURCE) -> list[str]:
    return [draft.message for draft in look(rule, text, source)[1]]


def mend(rule: Rule, text: str, source: str = SOURCE) -> str:
    document, drafts = look(rule, text, source)
    fixes = [draft.fix for draft in drafts if draft.fix]
    assert not any(fix.safe for fix in fixes)
    return document.edit(edit for fix in fixes for edit in fix.edits).text


def name_file(name: str) -> Replacements:
    return [("lite0-0123abcd.ckpt", name)]


FLAGGED = [
    (rules.find_user_id_differs, [("Acme", "Acme team")], "", ["Acme team"]),
    (rules.find_version_differs, [("version: 2.5", "version: 2.3")], "", ["2.3"]),
    (rules.find_title_differs, [("# lite0", "# Lite Zero")], "", ["Lite Zero"]),
    (rules.find_title_case, [("# lite0", "#  Lite-0")], "", ["Lite-0"]),
    (rules.find_stem_dataset, [("CIFAR-10", "ImageNet2012")], "", ["ImageNet2012"]),
    (
        rules.find_release_differs,
        [("r2.5", "r2.3")],
        "",
        ["<https://gitee.com/acme/models/tree/r2.3/lite0>"],
    ),
    (rules.find_digest_not_in_name, [("sha256: 0123abcd", "sha256: 89abcdef")], "", ["89abcdef"]),
    (rules.find_extension_mismatch, [("format: ckpt", "format: mslite")], "", ["mslite"]),
    (
        rules.find_link_version_differs,
        [(LINK, "https://example.com/models/r1.9/a.ckpt")],
        "",
        ["<https://example.com/models/r1.9/a.ckpt>"],
    ),
    (rules.find_metric_vs_filename, name_file("a_top1acc77.5.ckpt"), "", ["top1acc76.88"]),
    (
        rules.find_metric_vs_filename,
        [*name_file("a_mAP372-0123abcd.ckpt"), ("top1acc76.88", "mAP37.3")],
        "",
        ["mAP37.3"],
    ),
    (rules.find_usage_uid, [("2.5/lite0_c", "2.3/lite0_c")], USAGE, ["acme/2.3/lite0_cifar10"]),
    (
        rules.find_usage_uid,
        [("lite0_cifar10", "lite0_cifar10.md")],
        USAGE,
        ["acme/2.5/lite0_cifar10.md"],
    ),
    (rules.find_usage_uid, [("load(model)", "load('lite0')"), ("acme/", "")], USAGE, ["lite0"]),
    (rules.find_metric_table_mismatch, [], TABLE, ["top1acc76.88"]),
    (
        rules.find_asset_not_in_body,
        [(f"weights]({LINK})", "weights](https://example.com/lite0-76543210.ckpt)")],
        TABLE,
        [f"<{LINK}>"],
    ),
    (
        rules.find_asset_not_in_body,
        [],
        "Get [another](https://example.com/other.ckpt).\n",
        [f"<{LINK}>"],
    ),
]

LET_PASS = [
    (rules.find_user_id_differs, [("Acme", "A-C-M-E")], ""),
    (rules.find_version_differs, [("version: 2.5", "version: 2.5.0")], ""),
    (rules.find_version_differs, [("version: 2.5", "version: '2.5'")], ""),
    (rules.find_title_differs, [("# lite0", "# Lite 0")], ""),
    (rules.find_title_differs, [("# lite0\n", "")], ""),
    (rules.find_title_case, [], ""),
    (rules.find_title_case, [("# lite0", "# Lite Zero")], ""),
    (rules.find_stem_dataset, [("CIFAR-10", "ImageNet2012 | cifar10")], ""),
    (rules.find_stem_dataset, [("CIFAR-10", "N/A")], ""),
    (rules.find_release_differs, [("r2.5", "v0.5.0")], ""),
    (rules.find_release_differs, [("r2.5", "master")], ""),
    (rules.find_digest_not_in_name, [("sha256: 0123abcd", "sha256: 0123ABCDEF")], ""),
    (rules.find_digest_not_in_name, name_file("lite0-20230210-deadbeef.ckpt"), ""),
    (rules.find_digest_not_in_name, name_file("lite0-89abcdef-0123abcd.ckpt"), ""),
    (rules.find_digest_not_in_name, [("sha256: 0123abcd", "sha256: unknown")], ""),
    (rules.find_extension_mismatch, [*name_file("a.ms"), ("format: ckpt", "format: mslite")], ""),
    (rules.find_extension_mismatch, name_file("a.CKPT"), ""),
    (rules.find_extension_mismatch, name_file("a.zip"), ""),
    (rules.find_link_version_differs, [(LINK, "https://example.com/models/r2.5/a.ckpt")], ""),
    (rules.find_link_version_differs, [(LINK, "https://example.com/r50/a.ckpt")], ""),
    (rules.find_metric_vs_filename, name_file("a_top1acc76.88_top5acc93.28.ckpt"), ""),
    (rules.find_metric_vs_filename, name_file("a_TOP1ACC76.9.ckpt"), ""),
    (rules.find_metric_vs_filename, name_file("a_mytop1acc12.ckpt"), ""),
    (rules.find_metric_vs_filename, name_file("a_top1acc12b.ckpt"), ""),
    (
        rules.find_metric_vs_filename,
        [*name_file("a_mAP372.ckpt"), ("top1acc76.88", "mAP37.2")],
        "",
    ),
    (rules.find_usage_uid, [], USAGE),
    (rules.find_usage_uid, [], "Load it with `mshub.load('lite0')`.\n"),
    (rules.find_usage_uid, [], USAGE + '```\nmodel = "acme/2.5/backbone"\nmshub.load(model)\n```'),
    (rules.find_usage_uid, [], '```\nmodel = "acme/lite0"\nnp.load("a.npy")\n```'),
    (rules.find_metric_table_mismatch, [("76.88", "76.89")], TABLE),
    (rules.find_metric_table_mismatch, [("76.88", "76.9"), ("93.28", "93")], TABLE),
    (rules.find_metric_table_mismatch, [("76.88", "0.7689")], TABLE),
    (rules.find_metric_table_mismatch, [("top5acc93.28", "top1acc76.89")], TABLE),
    (rules.find_metric_table_mismatch, [("Top-1 (%)", "img/s")], TABLE),
    (rules.find_metric_table_mismatch, [(LINK, ""), ("| lite0 |", "| lite2 |")], TABLE),
    (rules.find_asset_not_in_body, [], TABLE),
    (rules.find_asset_not_in_body, [], "Get [it](https://mirror.example.com/lite0-0123abcd.ckpt)."),
    (rules.find_asset_not_in_body, [], "Run `convert a.ckpt`.\n"),
    (rules.find_asset_not_in_body, [], "Get [it](https://example.com/lite0.safetensors).\n"),
]


@pytest.mark.parametrize(("rule", "replacements", "body", "places"), FLAGGED)
def test_a_rule_flags_the_exact_place(
    rule: Rule, replacements: Replacements, body: str, places: list[str]
) -> None:
    assert flagged(rule, write(replacements, body)) == places


@pytest.mark.parametrize(("rule", "replacements", "body"), LET_PASS)
def test_a_rule_lets_what_only_looks_wrong_pass(
    rule: Rule, replacements: Replacements, body: str
) -> None:
    assert flagged(rule, write(replacements, body)) == []


def test_every_rule_of_the_family_has_a_flagged_card_and_a_near_miss() -> None:
    family = {rule.code for rule in vars(rules).values() if isinstance(rule, Rule)}
    assert family == {rule.code for rule, *_ in FLAGGED} | {"MC706"}
    assert family == {rule.code for rule, *_ in LET_PASS} | {"MC706"}


def test_a_file_name_with_capitals_is_flagged_at_the_first_fence() -> None:
    document, (draft,) = look(rules.find_uppercase_stem, CARD, "acme/2.5/Lite0.md")
    assert document.place(draft.start) == (3, 1)
    assert draft.message == "the file's name 'Lite0.md' has capital letters"
    assert flagged(rules.find_uppercase_stem, CARD) == []


@pytest.mark.parametrize(
    "rule",
    [
        rules.find_user_id_differs,
        rules.find_version_differs,
        rules.find_stem_dataset,
        rules.find_uppercase_stem,
        rules.find_release_differs,
        rules.find_link_version_differs,
        rules.find_usage_uid,
    ],
)
def test_outside_of_the_official_layouts_a_path_says_nothing(rule: Rule) -> None:
    text = write([("Acme", "Other"), ("2.5", "2.3"), ("CIFAR-10", "ImageNet")], USAGE)
    assert flagged(rule, text, "cards/Acme/Lite0.md") == []


def test_messages_say_the_cause_and_the_values() -> None:
    assert messages(rules.find_user_id_differs, write([("Acme", "Acme team")])) == [
        "'Acme team' is not the owner of the card's folder, 'acme'"
    ]
    assert messages(rules.find_version_differs, write([("version: 2.5", "version: 1.10")])) == [
        "1.10 is not the version of the card's folder, 2.5"
    ]
    assert messages(rules.find_digest_not_in_name, write([("56: 0123abcd", "56: 89abcdef")])) == [
        "the file's name says 0123abcd, the digest begins 89abcdef"
    ]
    assert messages(rules.find_metric_vs_filename, write(name_file("a_top1acc7.ckpt"))) == [
        "top1acc is 76.88 here, 7 in the file's name"
    ]


def test_a_table_that_disagrees_is_named_with_both_numbers_and_the_rows_line() -> None:
    document, (draft,) = look(rules.find_metric_table_mismatch, CARD + TABLE)
    line = (CARD + TABLE).partition("| lite0 |")[0].count("\n") + 1
    assert (draft.key, document.place(draft.start)) == ("evaluation", (9, 13))
    assert draft.message == (
        f"top1acc is 76.88 here, 76.89 in the table (line {line}); state one number in both"
    )


def test_each_metric_that_disagrees_with_the_table_is_one_finding() -> None:
    text = write([("76.88", "70.00"), ("top5acc93.28", "top5acc90.00")], TABLE)
    assert flagged(rules.find_metric_table_mismatch, text) == ["top1acc70.00", "top5acc90.00"]


def test_a_metric_in_quotes_has_its_place_and_one_over_two_lines_has_that_of_the_value() -> None:
    line = '"top1acc76.88 | top5acc93.28"'
    text = write([("top1acc76.88 | top5acc93.28", line)], TABLE)
    assert flagged(rules.find_metric_table_mismatch, text) == ["top1acc76.88"]
    lines = '"top1acc76.88 |\n  top5acc93.28"'
    text = write([("top1acc76.88 | top5acc93.28", lines)], TABLE)
    assert flagged(rules.find_metric_table_mismatch, text) == [lines]


def test_a_link_that_is_not_in_the_body_is_named_with_the_one_that_is() -> None:
    body = "Get [lite1](https://example.com/lite1.ckpt).\n"
    assert messages(rules.find_asset_not_in_body, CARD + body) == [
        "the body does not link lite0-0123abcd.ckpt, but lite1.ckpt"
    ]


def test_the_models_own_row_says_which_weights_the_body_links() -> None:
    text = write([(f"weights]({LINK})", "weights](https://example.com/b.ckpt)")], TABLE)
    rows = text.splitlines(keepends=True)
    swapped = "".join([*rows[:-2], rows[-1], rows[-2]])
    assert messages(rules.find_asset_not_in_body, swapped) == [
        "the body does not link lite0-0123abcd.ckpt, but b.ckpt"
    ]


def test_only_the_asset_that_differs_is_flagged() -> None:
    more = "\n- file-format: ckpt\n  asset-link: <https://example.com/b.ms>\n\n---\n\n"
    text = CARD.replace("0123abcd\n\n---\n", f"0123abcd{more}", 1)
    document, (draft,) = look(rules.find_extension_mismatch, text)
    assert draft.key == "asset[1].file-format"
    assert draft.message == "'ckpt' does not fit the file b.ms, which is mslite"
    assert document.text[draft.start : draft.end] == "ckpt"


def test_a_format_of_the_projects_own_vocabulary_passes() -> None:
    text = write([("format: ckpt", "format: bundle")])
    vocabulary = Vocabulary(file_formats=frozenset({"bundle"}))
    subject = Subject(Document(text, SOURCE), vocabulary)
    assert not list(rules.find_extension_mismatch.check(subject))


def test_fixes_write_what_path_and_file_say() -> None:
    wrong = write([("version: 2.5", "version: '2.3'")])
    assert mend(rules.find_version_differs, wrong) == write([("version: 2.5", "version: 2.5")])
    path = "acme/2.10/lite0_cifar10.md"
    right = write([("version: 2.5", "version: '2.10'")])
    assert mend(rules.find_version_differs, wrong, path) == right
    wrong = write([("format: ckpt", "format: onnx")])
    assert mend(rules.find_extension_mismatch, wrong) == CARD
    wrong = write([("# lite0", "# LITE0")])
    assert mend(rules.find_title_case, wrong) == CARD
    wrong = write([('"acme/2.5/', '" acme/2.3/')], USAGE)
    assert mend(rules.find_usage_uid, wrong) == CARD + USAGE


def test_the_uid_of_a_card_below_a_backend_names_the_backend() -> None:
    source = "acme/ascend/2.5/lite0_cifar10.md"
    assert messages(rules.find_usage_uid, CARD + USAGE, source) == [
        "'acme/2.5/lite0_cifar10' is not this card's uid, acme/ascend/2.5/lite0_cifar10"
    ]
    right = USAGE.replace("acme/", "acme/ascend/")
    assert messages(rules.find_usage_uid, CARD + right, source) == []


@pytest.mark.parametrize("rule", [r for r in vars(rules).values() if isinstance(r, Rule)])
@pytest.mark.parametrize(
    "text", ["", "# lite0\n", "---\n---\n", "---\nasset: 1\nevaluation:\n- a\nuser-id:\n---\n|"]
)
def test_a_card_that_lacks_nearly_all_is_no_trouble(rule: Rule, text: str) -> None:
    assert flagged(rule, text) == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("76.88", "76.88", True),
        ("76.88", "76.89", False),
        ("76.88", "76.880", True),
        ("81", "81.31", True),
        ("81", "81.6", False),
        ("0.878", "0.879", False),
        ("-9.11", "9.11", False),
        ("1.72e-05", "0.0000172", True),
    ],
)
def test_two_numbers_agree_as_far_as_the_shorter_one_goes(one: str, other: str, same: bool) -> None:
    assert agree(Decimal(one), Decimal(other)) is same
    assert agree(Decimal(other), Decimal(one)) is same


def test_a_folder_that_is_nobodys_is_no_publisher(tmp_path: Path) -> None:
    text = "# a\n---\nmodel-name: a\nuser-id: MindSpore\nmindspore-version: 2.5\n---\n"
    for folder, located in (
        ("checkout/2.4", False),
        ("mindspore/2.4", True),
        ("mindspore/3", False),
    ):
        source = tmp_path / folder / "a.md"
        assert (Subject(Document(text, str(source))).location is not None) == located
