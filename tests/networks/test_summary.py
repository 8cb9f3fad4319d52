"""The stage table: against the papers, torchvision's own figures, and the shapes in real networks."""

from collections import Counter
from itertools import pairwise
from math import prod

import pytest

from hub.errors import ArgumentError
from hub.networks.summary import summarise_variant
from hub.networks.variants import VARIANTS, find_variant
from tests.conftest import import_reference

PUBLISHED = {  # multiply-adds in units of 10^9, as the papers and the README of Lite print them
    "efficientnet_b0": 0.39,
    "efficientnet_b1": 0.70,
    "efficientnet_b2": 1.0,
    "efficientnet_b3": 1.8,
    "efficientnet_b4": 4.2,
    "efficientnet_b5": 9.9,
    "efficientnet_b6": 19,
    "efficientnet_b7": 37,
    "efficientnet_lite0": 0.407,
    "efficientnet_lite1": 0.631,
    "efficientnet_lite2": 0.899,
    "efficientnet_lite3": 1.44,
    "efficientnet_lite4": 2.64,
    "efficientnet_v2_s": 8.8,
    "efficientnet_v2_m": 24,
    "efficientnet_v2_l": 53,
}
V2_README = {  # the same, from the README of the code of V2's authors
    "efficientnet_v2_b0": 0.72,
    "efficientnet_v2_b1": 1.2,
    "efficientnet_v2_b2": 1.7,
    "efficientnet_v2_b3": 3.0,
    "efficientnet_v2_s": 8.4,
    "efficientnet_v2_m": 24.7,
    "efficientnet_v2_l": 56.3,
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_multiply_adds_are_the_papers_within_six_hundredths(name: str) -> None:
    summary = summarise_variant(VARIANTS[name])
    assert summary.multiply_adds / 1e9 == pytest.approx(PUBLISHED[name], rel=0.06)


@pytest.mark.parametrize("name", V2_README)
def test_the_multiply_adds_are_those_of_the_authors_code_within_a_hundredth(name: str) -> None:
    summary = summarise_variant(find_variant(name))
    assert summary.multiply_adds / 1e9 == pytest.approx(V2_README[name], rel=0.01)


@pytest.mark.parametrize("name", VARIANTS)
def test_the_parameters_are_those_of_the_variant(name: str) -> None:
    variant = VARIANTS[name]
    assert summarise_variant(variant).parameters == variant.count_parameters()
    small = summarise_variant(variant, num_classes=10, in_channels=1)
    assert small.parameters == variant.count_parameters(num_classes=10, in_channels=1)


def test_b0_is_the_first_table_of_its_paper() -> None:
    rows = [
        (stage.operator, stage.input_size, stage.channels, stage.repeats)
        for stage in summarise_variant(find_variant("efficientnet_b0")).stages
    ]
    assert rows == [
        ("Conv3x3", 224, 32, 1),
        ("MBConv1, k3x3", 112, 16, 1),
        ("MBConv6, k3x3", 112, 24, 2),
        ("MBConv6, k5x5", 56, 40, 2),
        ("MBConv6, k3x3", 28, 80, 3),
        ("MBConv6, k5x5", 14, 112, 3),
        ("MBConv6, k5x5", 14, 192, 4),
        ("MBConv6, k3x3", 7, 320, 1),
        ("Conv1x1", 7, 1280, 1),
        ("Mean, Dense", 7, 1000, 1),
    ]


def test_each_row_takes_what_the_row_before_puts_out() -> None:
    stages = summarise_variant(find_variant("efficientnet_v2_s"), resolution=225).stages
    for before, after in pairwise(stages):
        assert after.input_size == before.output_size
    assert [stage.output_size for stage in stages] == [113, 113, 57, 29, 15, 15, 8, 8, 1]
    assert [stage.name for stage in stages] == ["stem", *"123456", "head", "classifier"]


def test_an_image_of_one_pixel_passes() -> None:
    summary = summarise_variant(find_variant("efficientnet_b0"), resolution=1)
    assert {stage.output_size for stage in summary.stages} == {1}


@pytest.mark.parametrize("wrong", [0, -1, True, 224.0, float("nan"), "224"])
@pytest.mark.parametrize("argument", ["resolution", "num_classes", "in_channels"])
def test_what_is_no_positive_integer_is_refused(argument: str, wrong: object) -> None:
    with pytest.raises(ArgumentError, match=f"{argument} must be a positive integer, not "):
        summarise_variant(find_variant("efficientnet_b0"), **{argument: wrong})


@pytest.mark.parametrize("size", [*(f"b{number}" for number in range(8)), "v2_s", "v2_m", "v2_l"])
def test_torchvision_prints_the_same_figures(size: str) -> None:
    models = import_reference("torchvision.models")
    weights = getattr(models, f"EfficientNet_{size.upper()}_Weights").IMAGENET1K_V1
    (resolution,) = weights.transforms().crop_size
    summary = summarise_variant(find_variant(f"efficientnet_{size}"), resolution=resolution)
    assert summary.parameters == weights.meta["num_params"]
    assert round(summary.multiply_adds / 1e9, 3) == weights.meta["_ops"]


@pytest.mark.parametrize(
    ("name", "timm_name", "resolution"),
    [
        ("efficientnet_b0", "tf_efficientnet_b0", 224),
        ("efficientnet_b0", "efficientnet_b0", 225),
        ("efficientnet_lite0", "tf_efficientnet_lite0", 224),
        ("efficientnet_v2_s", "tf_efficientnetv2_s", 384),
        ("efficientnet_v2_s", "efficientnetv2_s", 301),
    ],
)
def test_each_stage_counts_what_the_shapes_in_a_real_network_say(
    name: str, timm_name: str, resolution: int
) -> None:
    torch, timm = map(import_reference, ("torch", "timm"))
    with torch.device("meta"):  # shapes, without values
        network = timm.create_model(timm_name).eval()
        image = torch.empty(1, 3, resolution, resolution)
    counted: Counter[str] = Counter()

    def count(place: str) -> None:
        def hook(cell: object, _inputs: object, output: object) -> None:
            counted[place] += output.numel() * prod(cell.weight.shape[1:])

        return hook

    rows = {"conv_stem": "stem", "conv_head": "head", "classifier": "classifier"}
    for path, cell in network.named_modules():
        if isinstance(cell, torch.nn.Conv2d | torch.nn.Linear):
            first, *more = path.split(".")
            cell.register_forward_hook(count(rows.get(first) or str(int(more[0]) + 1)))
    network(image)
    summary = summarise_variant(find_variant(name), resolution=resolution)
    assert {stage.name: stage.multiply_adds for stage in summary.stages} == counted
