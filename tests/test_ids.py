"""What a user may write to name a model."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import ModelIdError
from hub.ids import CardUrl, ModelId, parse_reference


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MindSpore/efficientnet_b0", ModelId("MindSpore", "efficientnet_b0")),
        ("MindSpore/efficientnet_b0@2.10", ModelId("MindSpore", "efficientnet_b0", (2, 10))),
        ("mindspore/2.5/b0_imagenet2012", ModelId("mindspore", "b0_imagenet2012", (2, 5))),
        ("noah-cvlab/gpu/1.8/fastmim", ModelId("noah-cvlab", "fastmim", (1, 8), "gpu")),
        ("noah-cvlab/gpu/fastmim@1.8", ModelId("noah-cvlab", "fastmim", (1, 8), "gpu")),
        ("mindspore/albert_squadv1.1", ModelId("mindspore", "albert_squadv1.1")),
        ("mindspore/1.10/3dcnn_brast2017", ModelId("mindspore", "3dcnn_brast2017", (1, 10))),
        ("mindspore/predrnn++", ModelId("mindspore", "predrnn++")),
        ("./cards/lite0.md", Path("cards/lite0.md")),
        ("/cards/LITE0.MD", Path("/cards/LITE0.MD")),
        (Path("anything"), Path("anything")),
        ("https://example.org/lite0.md", CardUrl("https://example.org/lite0.md")),
    ],
)
def test_each_accepted_form_is_recognised(text: str, expected: object) -> None:
    assert parse_reference(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "efficientnet_b0",
        "/",
        "a/",
        "/b",
        "../etc/passwd",
        "a/..",
        "../..",
        "a/b/../c",
        "/etc/passwd",
        "a/b\0",
        "a\0.md",
        "a/b c",
        "a/b@",
        "a/b@two",
        "a/b@2.5.",
        "a/2.5/b@2.5",
        "a/b@1.2.3.4.5",
        "a/b\n",
        "C:\\models",
        "a/" + 10_000 * "b",
        10_000 * "x" + ".md",
        5,
        None,
        b"a/b",
    ],
)
def test_anything_else_is_refused_in_a_short_message_that_shows_the_forms(text: object) -> None:
    with pytest.raises(ModelIdError, match=r"does not name a model: write owner/name") as caught:
        parse_reference(text)
    assert len(str(caught.value)) < 400


@given(st.text(max_size=40))
def test_no_text_raises_anything_but_a_model_id_error(text: str) -> None:
    with contextlib.suppress(ModelIdError):
        parse_reference(text)


names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,12}", fullmatch=True)
versions = st.from_regex(r"[1-9][0-9]?(\.[1-9][0-9]?)?", fullmatch=True)


@given(names, names, versions)
def test_an_id_prints_as_it_was_written(owner: str, name: str, version: str) -> None:
    for text in (f"{owner}/{name}", f"{owner}/{name}@{version}"):
        assert str(ModelId.parse(text)) == text
    assert ModelId.parse(f"{owner}/{version}/{name}") == ModelId.parse(f"{owner}/{name}@{version}")
