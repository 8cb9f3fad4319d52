"""What a card's header says about images counts more than a default."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hub.cards.record import Card, read_card
from hub.errors import CardError
from hub.images.statements import follow_card, states_input_size
from hub.images.transforms import Transform

DEFAULT = Transform(256, 224)
SQUASHED = Transform((480, 480), 480)

State = Callable[[str], Card]


@pytest.fixture
def state(write_card: Callable[..., Path]) -> State:
    """Read a card with more lines in its header."""
    return lambda lines: read_card(write_card(replace={"license:": f"{lines}\n\nlicense:"}))


def test_a_card_that_says_nothing_leaves_the_default(state: State) -> None:
    assert follow_card(state("featured-image: none"), DEFAULT) == DEFAULT
    assert follow_card(state("mean:"), DEFAULT) == DEFAULT
    assert not states_input_size(state("mean: 0.5"))


@pytest.mark.parametrize(
    "size",
    [
        "240",
        "240x240",
        "240, 240",
        "3, 240, 240",
        "[3, 240, 240]",
        "(240, 240, 3)",
        "240 \u00d7 240",
    ],
)
@pytest.mark.parametrize("key", ["input-size", "input-shape"])
def test_a_size_can_be_written_as_a_side_or_a_shape_and_keeps_the_share(
    key: str, size: str, state: State
) -> None:
    card = state(f"{key}: {size}")
    assert states_input_size(card)
    assert follow_card(card, DEFAULT) == Transform(274, 240)
    assert follow_card(card, SQUASHED) == Transform((240, 240), 240)


def test_the_key_that_is_timms_counts_before_the_one_of_mindspore_hub(state: State) -> None:
    card = state("input-size: 240\n\ninput-shape: 3, 224, 224")
    assert follow_card(card, DEFAULT).crop == 240


def test_all_else_can_be_stated(state: State) -> None:
    card = state(
        "input-size: 288\n\ncrop-pct: 0.9\n\ninterpolation: Bilinear\n\n"
        "mean: [0.1, 0.2, 0.3]\n\nstd: 0.4 0.5 0.6"
    )
    expected = Transform(320, 288, "bilinear", (0.1, 0.2, 0.3), (0.4, 0.5, 0.6))
    assert follow_card(card, DEFAULT) == expected


def test_lists_over_several_lines_are_read_as_well(state: State) -> None:
    card = state("input-shape:\n- 3\n- 192\n- 192\nmean:\n- 0.1\n- 0.2\n- 0.3")
    transform = follow_card(card, DEFAULT)
    assert (transform.crop, transform.mean) == (192, (0.1, 0.2, 0.3))


def test_one_number_counts_for_every_channel(state: State) -> None:
    transform = follow_card(state("mean: 0.5\n\nstd: 0.25"), DEFAULT)
    assert (transform.mean, transform.std) == ((0.5,) * 3, (0.25,) * 3)


def test_one_channel_makes_it_greyscale(state: State) -> None:
    card = state("input-size: 1, 32, 32\n\nmean: 0.1307\n\nstd: 0.3081")
    assert follow_card(card, DEFAULT) == Transform(36, 32, mean=(0.1307,), std=(0.3081,))


@pytest.mark.parametrize(("share", "resize"), [("0.875", 256), ("1", 224), ("1.15", 194)])
def test_a_share_above_one_means_a_border(share: str, resize: int, state: State) -> None:
    assert follow_card(state(f"crop-pct: {share}"), DEFAULT).resize == resize


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("input-size: large", "'large' is neither a side in pixels nor a shape such as 3x224x224"),
        ("input-size: -224", "'-224' is neither"),
        ("input-size: 2.5", "'2.5' is neither"),
        ("input-size: 1e3", "'1e3' is neither"),
        (f"input-size: {'9' * 5000}", r"'9+\.\.\.' is neither"),
        ("input-size: [1, 3, 224, 224]", "'1, 3, 224, 224' is neither"),
        ("input-size: 224x256", "mshub prepares square images, and '224x256' is none"),
        ("input-size: 4, 224, 224", "images have 1 or 3 channels, not 224"),
        ("input-size: 224, 224, 4", "images have 1 or 3 channels, not 4"),
        ("input-size: 0", "crop is a number of pixels from 1 to 4096; not 0"),
        ("input-size: 100000", "crop is a number of pixels from 1 to 4096"),
        ("input-size: {height: 224}", "it has keys of its own, and none are expected here"),
        ("crop-pct: 87.5", "87.5 is no share from 0.1 to 2"),
        ("crop-pct: 0", "0 is no share"),
        ("crop-pct: nan", "nan is no share"),
        ("crop-pct: most", "'most' is no number"),
        ("crop-pct: 0.8 0.9", "'0.8 0.9' has 2 numbers, not 1 number"),
        ("interpolation: cubic", "one of nearest, bilinear, bicubic, lanczos; not 'cubic'"),
        ("interpolation: [bicubic]", "one of nearest"),
        ("mean: 123.675, 116.28, 103.53", "divided by 255"),
        ("mean: 0.5, 0.5", "'0.5, 0.5' has 2 numbers, not 1 or 3 numbers"),
        ("mean: [0.5, [0.5], x]", "'0.5, 0.5' has 2 numbers"),
        ("mean: inf", "mean has one number"),
        ("std: 0", "std counts"),
        ("std: 1e400", "std has one number"),
    ],
    ids=lambda value: value[:30],
)
def test_what_cannot_be_is_refused_with_its_place(line: str, message: str, state: State) -> None:
    card = state(line)
    key = line.partition(":")[0]
    with pytest.raises(
        CardError, match=rf"efficientnet_b0.md:\d+:\d+: {key}: .*{message}"
    ) as caught:
        follow_card(card, DEFAULT)
    assert caught.value.source == card.source
