"""One value of a card is set, added or removed, and nothing else changes."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.cards.document import Document
from hub.cards.scalars import write_scalar
from hub.errors import ArgumentError
from hub.metadata.editing import add_asset, get_value, remove_value, set_value

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
needs_corpus = pytest.mark.skipif(
    not CORPUS.exists(), reason="the corpus is not beside the project"
)

CARD = """\
# lite0

---

model-name: lite0

update-time: 2025-3-10  # mc: ignore[MC304]

repo-link: <https://example.org/lite0>

mindspore-version: 1.10

asset:

-
    file-format: ckpt
    asset-link: <https://example.org/lite0.ckpt>

license: "Apache2.0"

summary:

---

## Introduction

update-time: none
"""
CHINESE = """\
# lite0

---

模型名称：lite0

更新时间：2025-3-10

资源：

-
    文件格式：ckpt
    资源链接：<https://example.org/lite0.ckpt>

许可证：Apache2.0

---

正文
"""  # noqa: RUF001
FORMS = {
    "LF": CARD,
    "CRLF": CARD.replace("\n", "\r\n"),
    "no final newline": CARD.rstrip("\n"),
    "no blank lines": CARD.replace("\n\n", "\n"),
    "byte order mark": "\ufeff" + CARD,
}
# A line of text that YAML can hold; blanks at its ends are part of it.
one_line = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")).filter(
        str.isprintable
    )
)


def changed_lines(before: Document, after: Document) -> list[tuple[str, str]]:
    """The lines that differ, of two cards with as many lines."""
    old, new = (card.text.split("\n") for card in (before, after))
    assert len(old) == len(new)
    return [(a, b) for a, b in zip(old, new, strict=True) if a != b]


def added_lines(before: Document, after: Document) -> str:
    """What was inserted in one place."""
    old, new = before.text, after.text
    same = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), len(old))
    assert new.endswith(old[same:])
    return new[same : len(new) - len(old) + same].strip("\n")


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_setting_a_value_changes_its_characters_and_keeps_the_comment_behind_it(text: str) -> None:
    before = Document(text)
    ((old, new),) = changed_lines(before, set_value(before, "update-time", "2026-01-02"))
    assert new == old.replace("2025-3-10", "2026-01-02")
    assert new.rstrip("\r").endswith("  # mc: ignore[MC304]")


@given(one_line, st.sampled_from(list(FORMS.values())))
def test_any_line_of_text_that_is_set_is_what_one_gets(value: str, text: str) -> None:
    before = Document(text)
    try:
        write_scalar(value)
    except ValueError:
        with pytest.raises(ArgumentError, match="one line"):
            set_value(before, "license", value)
        return
    for key in ("license", "summary", "model-name"):
        after = set_value(before, key, value)
        assert get_value(after, key) == value
        for old, new in changed_lines(before, after):
            assert old.startswith(key)
            assert new.startswith(key)


@given(one_line)
def test_any_line_of_text_that_is_set_is_what_one_gets_in_a_chinese_card(value: str) -> None:
    before = Document(CHINESE)
    try:
        after = set_value(before, "model-name", value)
    except ArgumentError:
        with pytest.raises(ValueError, match="cannot hold"):
            write_scalar(value)
        return
    assert get_value(after, "model-name") == value
    assert all(old.startswith("模型名称") for old, _ in changed_lines(before, after))


@given(one_line)
def test_any_line_of_text_can_be_added_under_a_new_key(value: str) -> None:
    before = Document(CARD)
    try:
        after = set_value(before, "train-dataset", value)
    except ArgumentError:
        with pytest.raises(ValueError, match="cannot hold"):
            write_scalar(value)
        return
    assert get_value(after, "train-dataset") == value
    assert remove_value(after, "train-dataset") == before


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_a_missing_key_gets_one_line_at_its_usual_place_in_the_look_of_the_card(text: str) -> None:
    before = Document(text)
    after = set_value(before, "train-dataset", "ImageNet2012")
    end = "\r\n" if "\r" in text else "\n"
    gap = end if "\n\n" in text.replace("\r", "") else ""
    assert after.text == text.replace(
        "update-time: 2", f"train-dataset: ImageNet2012{end}{gap}update-time: 2", 1
    )


@pytest.mark.parametrize(
    ("key", "value", "before_it"),
    [
        ("vit-repo-link", "https://example.org/vit", "repo-link"),
        ("mAP", "37.3", "summary"),
        ("evaluation", "top1acc75.1", "model-name"),
    ],
)
def test_a_new_key_stands_behind_the_one_that_it_belongs_to(
    key: str, value: str, before_it: str
) -> None:
    keys = list(set_value(Document(CARD), key, value).header.values)
    assert keys[keys.index(before_it) + 1] == key


def test_the_first_of_all_keys_goes_to_the_top() -> None:
    before = Document("---\n\n# who\nlicense: MIT\n\n---\n")
    after = set_value(before, "model-name", "b0")
    assert after.text == "---\n\nmodel-name: b0\n\n# who\nlicense: MIT\n\n---\n"
    assert set_value(Document("---\n---\n"), "license", "MIT").text == "---\nlicense: MIT\n---\n"


def test_a_key_without_a_value_is_filled() -> None:
    for line in ("summary:", "summary:   ", "summary: # todo", "summary: ''"):
        before = Document(CARD.replace("summary:", line))
        ((_, new),) = changed_lines(before, set_value(before, "summary", "Good."))
        assert new == ("summary: Good. # todo" if "todo" in line else "summary: Good.")


def test_a_missing_key_of_an_asset_stands_below_its_last_key() -> None:
    before = Document(CARD)
    after = set_value(before, "asset[0].asset-sha256", "0E737186")
    assert added_lines(before, after) == "    asset-sha256: '0e737186'"
    assert get_value(after, "asset[0].asset-sha256") == "0e737186"
    spaced = Document(CARD.replace("ckpt\n    asset", "ckpt\n\n    asset"))
    after = set_value(spaced, "asset[0].asset-sha256", "f8d7aa2a")
    assert added_lines(spaced, after) == "    asset-sha256: f8d7aa2a"


def test_the_english_key_addresses_the_chinese_line_and_the_chinese_key_does_too() -> None:
    before = Document(CHINESE)
    for path in ("update-time", "更新时间"):
        ((_, new),) = changed_lines(before, set_value(before, path, "2026-01-02"))
        assert new == "更新时间：2026-01-02"  # noqa: RUF001
    ((_, new),) = changed_lines(before, set_value(before, "asset[0].file-format", "mindir"))
    assert new == "    文件格式：mindir"  # noqa: RUF001


def test_a_new_key_of_a_chinese_card_has_its_chinese_name_and_colon() -> None:
    before = Document(CHINESE)
    after = set_value(before, "author", "小明")
    assert added_lines(before, after) == "作者：小明"  # noqa: RUF001
    after = set_value(before, "asset[0].asset-sha256", "f8d7aa2a")
    assert added_lines(before, after) == "    资源SHA256校验码：f8d7aa2a"  # noqa: RUF001


def test_a_full_width_colon_gives_way_where_a_value_needs_quotes() -> None:
    before = Document(CHINESE)
    ((_, new),) = changed_lines(before, set_value(before, "license", "it's: mine"))
    assert new == "许可证: 'it''s: mine'"


@pytest.mark.parametrize(
    ("path", "value", "written"),
    [
        ("mindspore-version", "1.10", "mindspore-version: '1.10'"),
        ("update-time", "2026-1-2", "update-time: 2026-01-02"),
        ("fine-tunable", "yes", "fine-tunable: True"),
        ("repo-link", "https://a.b/c", "repo-link: <https://a.b/c>"),
        ("repo-link", "<https://a.b/c>", "repo-link: <https://a.b/c>"),
        ("vit-repo-link", "https://a.b/c", "vit-repo-link: <https://a.b/c>"),
        ("asset[0].file-format", "CKPT", "file-format: ckpt"),
        ("asset[0].asset-sha256", "01234567", "asset-sha256: '01234567'"),
        ("evaluation", "-", "evaluation: '-'"),
        ("license", "Apache-2.0", "license: Apache-2.0"),
    ],
)
def test_values_are_written_as_yaml_readers_and_the_format_want_them(
    path: str, value: str, written: str
) -> None:
    lines = [line.strip() for line in set_value(Document(CARD), path, value).text.split("\n")]
    assert any(line == written or line.startswith(f"{written}  #") for line in lines)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("update-time", "banana", "update-time: 'banana' is no day; write one such as 2025-03-10"),
        ("update-time", "2025-02-30", "is no day"),
        ("mindspore-version", "latest", "is no version; write one such as 2.5"),
        ("fine-tunable", "maybe", "write True or False"),
        ("asset[0].asset-sha256", "zzz", "is no SHA-256 digest"),
        ("asset[0].file-format", "exe", "is no file format; write one of: ckpt, "),
        ("asset[0].asset-link", "lite0.ckpt", "is no link; write one such as https://"),
        ("license", "a\nb", "write it as one line of text"),
        ("license", "a\x1bb", "write it as one line of text"),
        ("asset", "x", ": asset is a list; name one of its values"),
        ("asset[0]", "x", "is a group of keys; name one of its values"),
        ("asset[7].asset-link", "https://a.b/c", "the card has 1 asset, counted from 0"),
        ("asset.asset-link", "https://a.b/c", "there is no such place"),
        ("license.name", "x", "there is no such place"),
        ("licence", "MIT", "'licence' is no key of a card; write license"),
        ("update_time", "2026-01-02", "is no key of a card; write update-time"),
        ("a b", "x", "'a b' is no key; write one such as"),
        ("", "x", "'' is no key"),
        ("x$", "x", "is no key of a card"),
    ],
)
def test_what_cannot_be_set_is_an_error_that_says_what_can(
    path: str, value: str, message: str
) -> None:
    with pytest.raises(ArgumentError) as caught:
        set_value(Document(CARD, "card.md"), path, value)
    assert str(caught.value).startswith("card.md:")
    assert message in str(caught.value)


@pytest.mark.parametrize("text", ["", "# title\n", "# title\n---\nlicense: MIT\n"])
def test_a_card_without_a_header_is_refused(text: str) -> None:
    with pytest.raises(ArgumentError, match=r"card\.md:1:1: .*header stands between two"):
        set_value(Document(text, "card.md"), "license", "MIT")


def test_an_edit_that_would_change_more_is_refused() -> None:
    flow = Document("---\nasset: [{file-format: ckpt}]\nlicense: MIT\n---\n")
    with pytest.raises(ArgumentError, match="by hand"):
        set_value(flow, "asset[0].asset-sha256", "f8d7aa2a")
    nested = Document("---\nshape: [1, 3]\n---\n")
    with pytest.raises(ArgumentError, match="without changing more"):
        set_value(nested, "shape[0]", "1, 2")
    assert get_value(set_value(nested, "shape[0]", "8"), "shape") == ["8", "3"]


def test_a_broken_line_is_mended_by_a_new_value() -> None:
    before = Document("---\nevaluation: -\nlicense: a: b\nauthor: &x y\n---\n")
    for key in ("evaluation", "license", "author"):
        before = set_value(before, key, "none")
    assert (before.faults, before.text) == (
        (),
        "---\nevaluation: none\nlicense: none\nauthor: none\n---\n",
    )


def test_of_a_repeated_key_the_one_that_counts_is_set_and_none_is_removed() -> None:
    before = Document("---\nlicense: MIT\nlicense: BSD\n---\n", "card.md")
    assert set_value(before, "license", "X11").text == "---\nlicense: X11\nlicense: BSD\n---\n"
    with pytest.raises(ArgumentError, match=r"card\.md:3:1: license is stated twice"):
        remove_value(before, "license")


def test_what_a_card_has_comes_as_plain_values() -> None:
    card = Document(CHINESE)
    link = "https://example.org/lite0.ckpt"
    assert get_value(card, "asset") == [{"file-format": "ckpt", "asset-link": link}]
    assert get_value(card, "asset[0].asset-link") == link
    assert list(get_value(card)) == ["model-name", "update-time", "asset", "license"]
    with pytest.raises(ArgumentError, match="no such value; it has: model-name, update-time"):
        get_value(card, "summary")


@pytest.mark.parametrize("text", [*FORMS.values(), CHINESE], ids=[*FORMS, "Chinese"])
def test_an_asset_is_added_in_the_layout_of_the_others_and_removed_again(text: str) -> None:
    before = Document(text)
    values = {"asset-link": "https://example.org/lite0.onnx", "file-format": "onnx"}
    after = add_asset(before, values)
    assert get_value(after, "asset[1]") == values
    assert list(get_value(after, "asset[1]")) == ["file-format", "asset-link"]
    added = added_lines(before, after).replace("\r", "").split("\n")
    assert [len(line) - len(line.lstrip()) for line in added if line.strip("- ")][1:] == [4]
    assert remove_value(after, "asset[1]") == before


def test_the_first_asset_gets_the_layout_of_the_specification() -> None:
    values = {"file-format": "ckpt", "asset-link": "https://a.b/c", "asset-sha256": "f8d7aa2a"}
    wanted = (
        "asset:\n\n- file-format: ckpt\n  asset-link: <https://a.b/c>\n  asset-sha256: f8d7aa2a\n"
    )
    without = remove_value(Document(CARD), "asset")
    assert without == remove_value(Document(CARD), "asset[0]")
    after = add_asset(without, values)
    assert added_lines(without, after) in f"{wanted}\n{wanted}"
    assert wanted in after.text
    empty = Document("---\n\nasset:\n\nlicense: MIT\n\n---\n")
    assert add_asset(empty, values).text == f"---\n\n{wanted}\nlicense: MIT\n\n---\n"


def test_an_asset_without_a_link_is_refused() -> None:
    with pytest.raises(ArgumentError, match="needs asset-link"):
        add_asset(Document(CARD), {"file-format": "ckpt"})
    with pytest.raises(ArgumentError, match=r"asset\[1\].file-format: 'exe' is no file format"):
        add_asset(Document(CARD), {"file-format": "exe", "asset-link": "https://a.b/c"})
    text = Document("---\nasset: none\n---\n")
    with pytest.raises(ArgumentError, match="asset is no list"):
        add_asset(text, {"file-format": "ckpt", "asset-link": "https://a.b/c"})


def test_the_first_key_of_an_asset_leaves_its_dash_to_the_next() -> None:
    before = Document("---\nasset:\n- file-format: ckpt\n  asset-link: <https://a.b/c>\n---\n")
    after = remove_value(before, "asset[0].file-format")
    assert after.text == "---\nasset:\n- asset-link: <https://a.b/c>\n---\n"
    assert remove_value(after, "asset[0].asset-link").text == "---\n---\n"


def test_what_is_not_there_cannot_be_removed() -> None:
    for path in ("author", "asset[1]", "asset[0].asset-sha256"):
        with pytest.raises(ArgumentError, match="the card has no such value; it has: model-name"):
            remove_value(Document(CARD), path)


@needs_corpus
def test_the_day_of_every_official_card_is_one_line() -> None:
    for path in sorted(CORPUS.rglob("*.md")):
        before = Document.read(path)
        ((_, new),) = changed_lines(before, set_value(before, "update-time", "2026-01-02"))
        assert new.rstrip("\r") == "update-time: 2026-01-02"


@needs_corpus
def test_a_value_of_an_official_card_set_to_itself_changes_no_more_than_its_form() -> None:
    unquoted = {"1.10", "-", "0e737186"}
    for path in sorted(CORPUS.rglob("*.md"))[::5]:
        before = Document.read(path)
        for key, value in get_value(before).items():
            if key not in {"asset", "update-time"}:
                after = set_value(before, key, value)
                assert (after == before) is (value not in unquoted), (path, key)
        for key, value in (get_value(before).get("asset") or [{}])[0].items():
            after = set_value(before, f"asset[0].{key}", value)
            assert (after == before) is (value not in unquoted), (path, key)
