"""The table of variants, against numbers and networks published elsewhere. No MindSpore needed."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from typing import Any

import pytest

from hub.errors import ArchitectureError, ArgumentError
from hub.networks.stages import Stage
from hub.networks.variants import ALIASES, VARIANTS, find_conventions, find_variant
from tests.networks.conversion.conftest import build

# timm's results/results-imagenet.csv gives these in millions, the papers in tenths of them.
PARAMETERS = {
    "efficientnet_b0": 5_288_548,
    "efficientnet_b1": 7_794_184,
    "efficientnet_b2": 9_109_994,
    "efficientnet_b3": 12_233_232,
    "efficientnet_b4": 19_341_616,
    "efficientnet_b5": 30_389_784,
    "efficientnet_b6": 43_040_704,
    "efficientnet_b7": 66_347_960,
    "efficientnet_b8": 87_413_142,
    "efficientnet_l2": 480_309_308,
    "efficientnet_lite0": 4_652_008,
    "efficientnet_lite1": 5_416_680,
    "efficientnet_lite2": 6_092_072,
    "efficientnet_lite3": 8_197_096,
    "efficientnet_lite4": 13_006_568,
    "efficientnet_v2_b0": 7_139_704,
    "efficientnet_v2_b1": 8_141_052,
    "efficientnet_v2_b2": 10_096_086,
    "efficientnet_v2_b3": 14_358_406,
    "efficientnet_v2_s": 21_458_488,
    "efficientnet_v2_m": 54_139_356,
    "efficientnet_v2_l": 118_515_272,
    "efficientnet_v2_xl": 208_119_808,
}

# stem, channels of each stage, head
CHANNELS = {
    "efficientnet_b0": (32, (16, 24, 40, 80, 112, 192, 320), 1280),
    "efficientnet_b1": (32, (16, 24, 40, 80, 112, 192, 320), 1280),
    "efficientnet_b2": (32, (16, 24, 48, 88, 120, 208, 352), 1408),
    "efficientnet_b3": (40, (24, 32, 48, 96, 136, 232, 384), 1536),
    "efficientnet_b4": (48, (24, 32, 56, 112, 160, 272, 448), 1792),
    "efficientnet_b5": (48, (24, 40, 64, 128, 176, 304, 512), 2048),
    "efficientnet_b6": (56, (32, 40, 72, 144, 200, 344, 576), 2304),
    "efficientnet_b7": (64, (32, 48, 80, 160, 224, 384, 640), 2560),
    "efficientnet_b8": (72, (32, 56, 88, 176, 248, 424, 704), 2816),
    "efficientnet_l2": (136, (72, 104, 176, 344, 480, 824, 1376), 5504),
    "efficientnet_lite0": (32, (16, 24, 40, 80, 112, 192, 320), 1280),
    "efficientnet_lite1": (32, (16, 24, 40, 80, 112, 192, 320), 1280),
    "efficientnet_lite2": (32, (16, 24, 48, 88, 120, 208, 352), 1280),
    "efficientnet_lite3": (32, (24, 32, 48, 96, 136, 232, 384), 1280),
    "efficientnet_lite4": (32, (24, 32, 56, 112, 160, 272, 448), 1280),
    "efficientnet_v2_b0": (32, (16, 32, 48, 96, 112, 192), 1280),
    "efficientnet_v2_b1": (32, (16, 32, 48, 96, 112, 192), 1280),
    "efficientnet_v2_b2": (32, (16, 32, 56, 104, 120, 208), 1408),
    "efficientnet_v2_b3": (40, (16, 40, 56, 112, 136, 232), 1536),
    "efficientnet_v2_s": (24, (24, 48, 64, 128, 160, 256), 1280),
    "efficientnet_v2_m": (24, (24, 48, 80, 160, 176, 304, 512), 1280),
    "efficientnet_v2_l": (32, (32, 64, 96, 192, 224, 384, 640), 1280),
    "efficientnet_v2_xl": (32, (32, 64, 96, 192, 256, 512, 640), 1280),
}

REPEATS = {
    "efficientnet_b0": (1, 2, 2, 3, 3, 4, 1),
    "efficientnet_b1": (2, 3, 3, 4, 4, 5, 2),
    "efficientnet_b2": (2, 3, 3, 4, 4, 5, 2),
    "efficientnet_b3": (2, 3, 3, 5, 5, 6, 2),
    "efficientnet_b4": (2, 4, 4, 6, 6, 8, 2),
    "efficientnet_b5": (3, 5, 5, 7, 7, 9, 3),
    "efficientnet_b6": (3, 6, 6, 8, 8, 11, 3),
    "efficientnet_b7": (4, 7, 7, 10, 10, 13, 4),
    "efficientnet_b8": (4, 8, 8, 11, 11, 15, 4),
    "efficientnet_l2": (6, 11, 11, 16, 16, 22, 6),
    "efficientnet_lite0": (1, 2, 2, 3, 3, 4, 1),
    "efficientnet_lite1": (1, 3, 3, 4, 4, 5, 1),
    "efficientnet_lite2": (1, 3, 3, 4, 4, 5, 1),
    "efficientnet_lite3": (1, 3, 3, 5, 5, 6, 1),
    "efficientnet_lite4": (1, 4, 4, 6, 6, 8, 1),
    "efficientnet_v2_b0": (1, 2, 2, 3, 5, 8),
    "efficientnet_v2_b1": (2, 3, 3, 4, 6, 9),
    "efficientnet_v2_b2": (2, 3, 3, 4, 6, 10),
    "efficientnet_v2_b3": (2, 3, 3, 5, 7, 12),
    "efficientnet_v2_s": (2, 4, 4, 6, 9, 15),
    "efficientnet_v2_m": (3, 5, 5, 7, 14, 18, 5),
    "efficientnet_v2_l": (4, 7, 7, 10, 19, 25, 7),
    "efficientnet_v2_xl": (4, 8, 8, 16, 24, 32, 8),
}

# pixels, dropout
EVALUATION = {
    "efficientnet_b0": (224, 0.2),
    "efficientnet_b1": (240, 0.2),
    "efficientnet_b2": (260, 0.3),
    "efficientnet_b3": (300, 0.3),
    "efficientnet_b4": (380, 0.4),
    "efficientnet_b5": (456, 0.4),
    "efficientnet_b6": (528, 0.5),
    "efficientnet_b7": (600, 0.5),
    "efficientnet_b8": (672, 0.5),
    "efficientnet_l2": (800, 0.5),
    "efficientnet_lite0": (224, 0.2),
    "efficientnet_lite1": (240, 0.2),
    "efficientnet_lite2": (260, 0.3),
    "efficientnet_lite3": (280, 0.3),
    "efficientnet_lite4": (300, 0.3),
    "efficientnet_v2_b0": (224, 0.2),
    "efficientnet_v2_b1": (240, 0.2),
    "efficientnet_v2_b2": (260, 0.3),
    "efficientnet_v2_b3": (300, 0.3),
    "efficientnet_v2_s": (384, 0.2),
    "efficientnet_v2_m": (480, 0.2),
    "efficientnet_v2_l": (480, 0.2),
    "efficientnet_v2_xl": (512, 0.2),
}


def test_the_table_has_the_twenty_three_networks_in_order_of_family_and_size() -> None:
    assert list(VARIANTS) == list(PARAMETERS)
    assert [variant.name for variant in VARIANTS.values()] == list(PARAMETERS)


@pytest.mark.parametrize("name", PARAMETERS)
def test_the_trainable_parameters_are_as_many_as_published(name: str) -> None:
    assert VARIANTS[name].count_parameters() == PARAMETERS[name]


@pytest.mark.parametrize("name", CHANNELS)
def test_the_channels_are_scaled_and_rounded_to_multiples_of_eight(name: str) -> None:
    variant = VARIANTS[name]
    stages = tuple(stage.channels for stage in variant.stages)
    assert (variant.stem_channels, stages, variant.head_channels) == CHANNELS[name]


@pytest.mark.parametrize("name", REPEATS)
def test_the_repeats_are_scaled_and_rounded_up(name: str) -> None:
    assert tuple(stage.repeats for stage in VARIANTS[name].stages) == REPEATS[name]


@pytest.mark.parametrize("name", EVALUATION)
def test_resolution_and_dropout_are_those_of_the_reference(name: str) -> None:
    assert (VARIANTS[name].resolution, VARIANTS[name].dropout) == EVALUATION[name]


def test_only_lite_is_without_squeeze_and_excitation_and_clips_at_six() -> None:
    for name, variant in VARIANTS.items():
        is_lite = "lite" in name
        assert variant.squeeze_excite is not is_lite
        assert variant.activation == ("relu6" if is_lite else "swish")


# base name, convention: padding, epsilon, and the share of the statistics that a step keeps
CONVENTIONS = {
    ("efficientnet_b0", "mindcv"): ("same", 1e-5, 0.9),
    ("efficientnet_b0", "torchvision"): ("symmetric", 1e-5, 0.9),
    ("efficientnet_b0", "timm"): ("symmetric", 1e-5, 0.9),
    ("efficientnet_b0", "tf"): ("same", 1e-3, 0.99),
    ("efficientnet_b5", "mindcv"): ("same", 1e-3, 0.99),
    ("efficientnet_b5", "torchvision"): ("symmetric", 1e-3, 0.99),
    ("efficientnet_b5", "timm"): ("symmetric", 1e-5, 0.9),
    ("efficientnet_b8", "mindcv"): ("same", 1e-3, 0.99),
    ("efficientnet_lite0", "mindcv"): ("same", 1e-3, 0.99),
    ("efficientnet_lite0", "timm"): ("symmetric", 1e-5, 0.9),
    ("efficientnet_v2_b0", "mindcv"): ("same", 1e-3, 0.99),
    ("efficientnet_v2_s", "mindcv"): ("same", 1e-5, 0.9),
    ("efficientnet_v2_s", "torchvision"): ("symmetric", 1e-3, 0.9),
    ("efficientnet_v2_s", "timm"): ("symmetric", 1e-5, 0.9),
    ("efficientnet_v2_s", "tf"): ("same", 1e-3, 0.99),
}


@pytest.mark.parametrize(("base", "convention"), CONVENTIONS)
def test_a_publisher_pads_and_normalises_in_its_own_way(base: str, convention: str) -> None:
    (variant,) = (each for each in find_conventions(base) if each.convention == convention)
    numbers = (variant.padding, variant.norm_epsilon, variant.norm_momentum)
    assert numbers == CONVENTIONS[base, convention]


def test_conventions_differ_in_padding_and_normalisation_alone() -> None:
    for base, plain in VARIANTS.items():
        for variant in find_conventions(base):
            assert variant.base == base
            same = dataclasses.replace(
                variant,
                name=base,
                padding=plain.padding,
                norm_epsilon=plain.norm_epsilon,
                norm_momentum=plain.norm_momentum,
            )
            assert same == plain


def test_a_variant_is_found_under_the_name_that_it_bears() -> None:
    for base, plain in VARIANTS.items():
        first, *others = find_conventions(base)
        assert first is plain
        assert first.convention == "mindcv"
        for variant in (first, *others):
            assert find_variant(variant.name.upper()) is variant
        for variant in others:
            assert variant.name == f"{base}.{variant.convention}"


@pytest.mark.parametrize(
    ("timm_name", "name"),
    [
        ("tf_efficientnet_b0", "efficientnet_b0.tf"),
        ("tf_efficientnet_l2", "efficientnet_l2.tf"),
        ("tf_efficientnet_lite0", "efficientnet_lite0.tf"),
        ("tf_efficientnetv2_s", "efficientnet_v2_s.tf"),
        ("tf_efficientnetv2_b0", "efficientnet_v2_b0.tf"),
        ("efficientnetv2_s", "efficientnet_v2_s.timm"),
        ("TF_EfficientNetV2_XL", "efficientnet_v2_xl.tf"),
    ],
)
def test_a_variant_is_found_under_timms_name(timm_name: str, name: str) -> None:
    assert find_variant(timm_name).name == name


def test_a_name_that_means_mindcvs_network_is_no_alias_of_timms() -> None:
    assert find_variant("efficientnet_b0").convention == "mindcv"
    assert not set(ALIASES) & set(VARIANTS)


def list_layers(origin: str, name: str) -> tuple[list[Any], list[Any]]:
    """List normalisations and filters of a publisher's network, which is built without values."""
    torch = pytest.importorskip("torch")
    with torch.device("meta"):
        network = build(origin, name)
    layers = list(network.modules())
    norms = [each for each in layers if isinstance(each, torch.nn.BatchNorm2d)]
    filters = [
        each for each in layers if isinstance(each, torch.nn.Conv2d) and each.kernel_size > (1, 1)
    ]
    return norms, filters


def list_published(convention: str) -> list[str]:
    every = (variant for name in VARIANTS for variant in find_conventions(name))
    return [variant.base for variant in every if variant.convention == convention]


@pytest.mark.parametrize("base", list_published("timm"))
def test_timms_own_networks_are_as_the_table_says(base: str) -> None:
    norms, filters = list_layers("timm", base.replace("_v2_", "v2_"))
    variant = find_variant(f"{base}.timm")
    assert {norm.eps for norm in norms} == {variant.norm_epsilon}
    assert {1 - norm.momentum for norm in norms} == {variant.norm_momentum}
    assert all(each.padding == (each.kernel_size[0] // 2,) * 2 for each in filters)
    assert variant.padding == "symmetric"


@pytest.mark.parametrize("base", ["efficientnet_b0", "efficientnet_lite0", "efficientnet_v2_b0"])
def test_timms_tensorflow_networks_are_as_the_table_says(base: str) -> None:
    norms, filters = list_layers("timm", "tf_" + base.replace("_v2_", "v2_"))
    variant = find_variant(f"{base}.tf")
    assert {norm.eps for norm in norms} == {variant.norm_epsilon}
    strided = [each for each in filters if each.stride == (2, 2)]
    assert {type(each).__name__ for each in strided} == {"Conv2dSame"}
    assert variant.padding == "same"


@pytest.mark.parametrize("base", list_published("torchvision"))
def test_torchvisions_networks_are_as_the_table_says(base: str) -> None:
    norms, filters = list_layers("torchvision", base)
    variant = find_variant(f"{base}.torchvision")
    assert {norm.eps for norm in norms} == {variant.norm_epsilon}
    assert {1 - norm.momentum for norm in norms} == {variant.norm_momentum}
    assert all(each.padding == (each.kernel_size[0] // 2,) * 2 for each in filters)
    assert variant.padding == "symmetric"


def test_efficientnet_pytorch_normalises_as_the_table_says_of_tensorflow() -> None:
    norms, _ = list_layers("efficientnet_pytorch", "efficientnet-b0")
    variant = find_variant("efficientnet_b0.tf")
    assert {norm.eps for norm in norms} == {variant.norm_epsilon}
    assert {round(1 - norm.momentum, 6) for norm in norms} == {variant.norm_momentum}


def test_other_classes_and_channels_change_the_count_by_head_and_stem_alone() -> None:
    b0 = VARIANTS["efficientnet_b0"]
    assert b0.count_parameters() - b0.count_parameters(num_classes=10) == 990 * 1281
    assert b0.count_parameters(in_channels=4) - b0.count_parameters() == 32 * 9


def test_a_stage_strides_and_widens_in_its_first_block_only() -> None:
    first, second, third = Stage("mbconv", 6, 5, 2, 40, 3).blocks(24, squeeze_excite=True)
    assert (first.in_channels, first.hidden_channels, first.stride) == (24, 144, 2)
    assert (second.in_channels, second.hidden_channels, second.stride) == (40, 240, 1)
    assert second == third
    assert (first.squeeze_channels, second.squeeze_channels) == (6, 10)


def test_only_a_block_that_keeps_the_shape_has_a_shortcut() -> None:
    first, second = Stage("fused", 4, 3, 1, 48, 2).blocks(24, squeeze_excite=True)
    assert (first.has_shortcut, second.has_shortcut) == (False, True)
    (strided,) = Stage("fused", 4, 3, 2, 48, 1).blocks(48, squeeze_excite=True)
    assert not strided.has_shortcut


def test_a_fused_block_has_no_squeeze_and_excitation() -> None:
    (block,) = Stage("fused", 4, 3, 1, 48, 1).blocks(24, squeeze_excite=True)
    assert block.squeeze_channels == 0


def test_a_variant_is_found_in_any_case() -> None:
    assert find_variant("EfficientNet_V2_S") is VARIANTS["efficientnet_v2_s"]


def test_an_unknown_name_is_an_error_that_lists_the_known_ones_and_guesses() -> None:
    with pytest.raises(ArchitectureError, match=r"Did you mean 'efficientnet_b0'\?") as caught:
        find_variant("efficientnet-b0")
    assert caught.value.name == "efficientnet-b0"
    assert caught.value.known == tuple(VARIANTS)
    for name in VARIANTS:
        assert name in str(caught.value)
    assert "hub.fetch" in str(caught.value)
    assert "hub.load_weights" in str(caught.value)


def test_a_name_that_resembles_none_gets_no_guess() -> None:
    with pytest.raises(ArchitectureError) as caught:
        find_variant("stpm")
    assert "Did you mean" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("efficientnet_b0.torch_vision", "whose it is. Did you mean 'torchvision'?"),
        ("efficientnet_b0.ra_in1k", "the part after the dot says whose it is. It builds"),
        ("efficientnet_b0.mindcv", "MindCV's is called efficientnet_b0."),
        ("efficientnet_v2_xl.torchvision", "torchvision has no efficientnet_v2_xl."),
        ("tf_efficientnet_b0.ns_jft_in1k", "the part after the dot says whose it is."),
    ],
)
def test_an_unknown_convention_is_an_error_that_lists_those_of_the_network(
    name: str, why: str
) -> None:
    with pytest.raises(ArchitectureError) as caught:
        find_variant(name)
    assert f"{name!r}: " in str(caught.value)
    assert why in str(caught.value)
    assert caught.value.name == name
    base = "efficientnet_v2_xl" if "xl" in name else "efficientnet_b0"
    assert caught.value.known == tuple(each.name for each in find_conventions(base))
    for known in caught.value.known:
        assert known in str(caught.value)


@pytest.mark.parametrize("name", [None, 7, b"efficientnet_b0", ["efficientnet_b0"]])
def test_a_name_that_is_no_text_is_refused(name: object) -> None:
    with pytest.raises(ArgumentError, match="The name of an architecture is a text, not "):
        find_variant(name)  # type: ignore[arg-type]


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError, match="does not support item assignment"):
        VARIANTS["mine"] = VARIANTS["efficientnet_b0"]  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        VARIANTS["efficientnet_b0"].dropout = 0.0  # type: ignore[misc]


def test_importing_the_table_and_the_builders_loads_neither_mindspore_nor_numpy() -> None:
    script = (
        "import sys, hub.networks.variants, hub.networks.builders\n"
        "print(sorted({'mindspore', 'numpy'} & set(sys.modules)))"
    )
    finished = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert finished.stdout.strip() == "[]"
