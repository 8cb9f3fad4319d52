"""Two cards are compared fact by fact, however the facts are written."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hub.cards.record import read_card
from hub.metadata.difference import Change, diff_cards

WriteCard = Callable[..., Path]
CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
METRICS = "top1acc76.88 | top5acc93.28"
DIGEST = "0123456789abcdef"
LINK = "https://example.org/weights.ckpt"
ASSET = f"- file-format: ckpt\n  asset-link: <{LINK}>\n  asset-sha256: {DIGEST}\n"


@pytest.fixture
def compare(write_card: WriteCard) -> Callable[..., tuple[Change, ...]]:
    """Compare the sample card with one in which some places are others."""

    def compare(
        replace: dict[str, str], before: dict[str, str] | None = None
    ) -> tuple[Change, ...]:
        old = read_card(write_card("old.md", replace=before))
        new = read_card(write_card("new.md", replace=replace))
        return diff_cards(old, new)

    return compare


Compare = Callable[..., tuple[Change, ...]]


@pytest.mark.parametrize(
    "replace",
    [
        {},
        {"2025-3-10": "2025-03-10"},
        {"license: Apache2.0": "license: 'Apache2.0'"},
        {"fine-tunable: True": "fine-tunable: 'yes'"},
        {f"<{LINK}>": LINK, "repo-link: <": "repo-link: '<", "efficientnet>": "efficientnet>'"},
        {"file-format: ckpt": "file-format: CKPT"},
        {DIGEST: DIGEST.upper()},
        {"76.88 |": "76.880 |"},
        {METRICS: "top5acc93.28 | top1acc 76.88"},
        {"summary:": "featured-image:\n\nsummary:"},
        {"Text.\n": "Text.  \n\n\n"},
        {"\n\n": "\n \n"},
    ],
)
def test_another_way_to_write_the_same_is_no_change(
    compare: Compare, replace: dict[str, str]
) -> None:
    assert compare(replace) == ()


def test_line_ends_are_no_change(write_card: WriteCard) -> None:
    path = write_card()
    other = path.with_name("crlf.md")
    other.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert diff_cards(read_card(path), read_card(other)) == ()


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("# efficientnet_b0\n", "# b0\n", "~ title: 'efficientnet_b0' → 'b0'"),
        ("# efficientnet_b0\n", "\n", "- title: 'efficientnet_b0'"),
        ("author: MindSpore", "author: our", "~ author: 'MindSpore team' → 'our team'"),
        ("tunable: True", "tunable: False", "~ fine-tunable: True → False"),
        ("model-version: 2.5", "model-version: 2.10", "~ model-version: '2.5' → '2.10' (newer)"),
        ("model-version: 2.5", "model-version: 1.10", "~ model-version: '2.5' → '1.10' (older)"),
        ("2025-3-10", "2025-3-9", "~ update-time: '2025-03-10' → '2025-03-09' (1 day earlier)"),
        ("2025-3-10", "soon", "~ update-time: '2025-03-10' → 'soon'"),
        (
            "Apache2.0",
            "Apache-2.0",
            "~ license: 'Apache2.0' → 'Apache-2.0' (the same licence, Apache-2.0)",
        ),
        ("license: Apache2.0", "license: MIT", "~ license: 'Apache2.0' → 'MIT'"),
        (
            "dataset: ImageNet2012",
            "dataset: imagenet2012",
            (
                "~ train-dataset: 'ImageNet2012' → 'imagenet2012' "
                "(the same data, spelt in another way)"
            ),
        ),
        ("summary:", "input-shape: [1, 3]\n\nsummary:", "+ input-shape: ['1', '3']"),
    ],
)
def test_a_changed_fact_is_one_line(compare: Compare, old: str, new: str, line: str) -> None:
    assert [str(change) for change in compare({old: new})] == [line]


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        (METRICS, "top1acc76.89 | top5acc93.28", ["~ top1acc: top1acc 76.88 → 76.89 (+0.01)"]),
        (METRICS, "top1acc76.8 | top5acc93.28", ["~ top1acc: top1acc 76.88 → 76.8 (-0.08)"]),
        (METRICS, "top1acc76.88", ["- top5acc: 93.28"]),
        (METRICS, f"{METRICS} | loss0.10", ["+ loss: 0.10"]),
        (
            METRICS,
            "Top-1acc76.88 | top5acc93.28",
            ["~ Top-1acc: top1acc 76.88, now called Top-1acc"],
        ),
        ("a0.1", "a0.3", ["~ a: a 0.1 → 0.3 (+0.2)"]),
        ("loss1e-20", "loss1e20", ["~ loss: loss 1E-20 → 1E+20 (+99999999999999999999.{})"]),
        ("a1 | a2 | a3", "a1 | a2 | a4", ["~ a: a 3 → 4 (+1)"]),
        ("a1 | a2", "a1", ["- a: 2"]),
        ("2.2m", "3.4d", ["- 2.2m", "+ 3.4d"]),
        ("-", "no", []),
        ("a1", "none", ["- a: 1"]),
    ],
)
def test_metrics_are_compared_by_name_with_exact_differences(
    compare: Compare, old: str, new: str, lines: list[str]
) -> None:
    changes = compare({METRICS: new}, {METRICS: old})
    shown = [
        str(change).replace("evaluation.", "").replace("evaluation: ", "").replace("'", "")
        for change in changes
    ]
    assert shown == [line.format("9" * 20) for line in lines]


def test_a_metric_goes_to_its_own_name_before_it_goes_to_another_spelling(compare: Compare) -> None:
    (change,) = compare({METRICS: "acc@top-one5 | top1acc2"}, {METRICS: "top1acc1 | acc@top-one5"})
    assert (change.key, change.old, change.new) == ("evaluation.top1acc", "1", "2")


def test_that_a_card_says_there_are_no_metrics_is_a_fact(compare: Compare) -> None:
    absent = {f"evaluation: {METRICS}\n\n": ""}
    (change,) = compare({METRICS: "no"}, absent)
    assert str(change) == "+ evaluation: says that there is none"
    (change,) = compare(absent, {METRICS: "-"})
    assert str(change) == "- evaluation: no longer says that there is none"


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        (
            ASSET,
            ASSET.replace("weights", "b0"),
            [f"~ asset[0]: link only, {LINK} → https://example.org/b0.ckpt"],
        ),
        (
            ASSET,
            ASSET.replace(DIGEST, "ffffffff"),
            [f"~ asset[0]: digest changed, {DIGEST} → ffffffff"],
        ),
        (
            ASSET,
            ASSET.replace(DIGEST, DIGEST * 4),
            [f"~ asset[0]: the same file as far as stated, {DIGEST} → {DIGEST * 4}"],
        ),
        (
            ASSET.replace(DIGEST, DIGEST * 4),
            ASSET,
            [f"~ asset[0]: the same file as far as stated, {DIGEST * 4} → {DIGEST}"],
        ),
        (
            ASSET,
            ASSET.replace(DIGEST, "ffffffff").replace("weights", "b0"),
            [
                (
                    f"~ asset[0]: link changed, {LINK} → https://example.org/b0.ckpt; "
                    f"digest changed, {DIGEST} → ffffffff"
                ),
            ],
        ),
        (
            ASSET,
            ASSET.replace("format: ckpt", "format: mindir"),
            ["~ asset[0]: file format changed, ckpt → mindir"],
        ),
        (
            ASSET,
            ASSET.replace(f"  asset-sha256: {DIGEST}\n", ""),
            [f"~ asset[0]: digest removed, {DIGEST}"],
        ),
        (
            ASSET.replace(f"  asset-sha256: {DIGEST}\n", ""),
            ASSET,
            [f"~ asset[0]: digest added, {DIGEST}"],
        ),
        (ASSET, f"{ASSET}  size: 5\n", ["+ asset[0].size: '5'"]),
        (ASSET, "- file-format: onnx\n", [f"- asset[0]: ckpt {LINK}", "+ asset[0]: onnx"]),
        (
            ASSET,
            ASSET.replace("weights", "b1").replace(DIGEST, "ffffffff") + ASSET,
            ["+ asset[0]: ckpt https://example.org/b1.ckpt"],
        ),
        (
            ASSET.replace("weights", "b1").replace(DIGEST, "ffffffff") + ASSET,
            ASSET + ASSET.replace("weights", "b1").replace(DIGEST, "ffffffff"),
            [],
        ),
        (f"asset:\n\n{ASSET}", "", [f"- asset[0]: ckpt {LINK}"]),
        (f"asset:\n\n{ASSET}", "asset: soon\n", [f"- asset[0]: ckpt {LINK}"]),
    ],
)
def test_assets_are_compared_with_their_counterparts(
    compare: Compare, old: str, new: str, lines: list[str]
) -> None:
    whole = f"asset:\n\n{ASSET}" if old.startswith("asset:") else ASSET
    assert [str(change) for change in compare({whole: new}, {whole: old})] == lines


def test_assets_that_are_no_list_are_compared_as_text(compare: Compare) -> None:
    whole = f"asset:\n\n{ASSET}"
    (change,) = compare({whole: "asset: tomorrow\n"}, {whole: "asset: soon\n"})
    assert str(change) == "~ asset: 'soon' → 'tomorrow'"


@pytest.mark.parametrize(
    ("new", "lines"),
    [
        ("# Body\n\nOther.\n", ["~ body: section 'Body', +1 -1 lines"]),
        ("# Body\n\nText.\n\n## More\n\nLines.\n", ["+ body: section 'More', 3 lines"]),
        ("Hello.\n\n# Body\n\nText.\n", ["+ body: the text before the first heading, 1 line"]),
        ("# Body\n\nText.\n\n# Body\n", ["+ body: section 'Body' (2), 1 line"]),
        ("## Body\n\nText.\n", ["~ body: section 'Body', +1 -1 lines"]),
        ("# Else\n", ["- body: section 'Body', 3 lines", "+ body: section 'Else', 1 line"]),
        ("", ["- body: section 'Body', 3 lines"]),
    ],
)
def test_the_body_is_compared_section_by_section(
    compare: Compare, new: str, lines: list[str]
) -> None:
    assert [str(change) for change in compare({"# Body\n\nText.\n": new})] == lines


def test_sections_and_lines_that_have_moved_are_told_as_that(compare: Compare) -> None:
    one, two = "# One\n\n1\n2\n\n", "# Two\n\n3\n"
    (change,) = compare({"# Body\n\nText.\n": two + one}, {"# Body\n\nText.\n": one + two})
    assert str(change) == "~ body: the sections stand in another order"
    (change,) = compare({"Text.\n": "2\n1\n"}, {"Text.\n": "1\n2\n"})
    assert change.note == "section 'Body', lines stand in another order"
    assert change.new == "# Body\n\n2\n1"


def test_changes_come_in_the_order_of_keys(compare: Compare) -> None:
    changes = compare(
        {
            "license: Apache2.0": "zzz: 1\n\nlicense: MIT",
            METRICS: "a1",
            "# efficientnet_b0": "# b0",
            DIGEST: "ffffffff",
            "Text.": "Other.",
        }
    )
    keys = [change.key.partition(".")[0].partition("[")[0] for change in changes]
    assert keys == [
        "title", "evaluation", "evaluation", "evaluation", "asset", "license", "zzz", "body",
    ]  # fmt: skip


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not beside the project")
def test_no_official_card_differs_from_itself() -> None:
    for path in sorted(CORPUS.rglob("*.md")):
        card = read_card(path)
        assert diff_cards(card, card) == ()
