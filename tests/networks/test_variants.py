"""The table of variants, against numbers that were published elsewhere. No MindSpore needed."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import pytest

from hub.errors import ArchitectureError
from hub.networks.stages import Stage
from hub.networks.variants import VARIANTS, find_variant

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
    "efficientnet_lite0": 4_652_008,
    "efficientnet_lite1": 5_416_680,
    "efficientnet_lite2": 6_092_072,
    "efficientnet_lite3": 8_197_096,
    "efficientnet_lite4": 13_006_568,
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
    "efficientnet_lite0": (32, (16, 24, 40, 80, 112, 192, 320), 1280),
    "efficientnet_lite1": (32, (16, 24, 40, 80, 112, 192, 320), 1280),
    "efficientnet_lite2": (32, (16, 24, 48, 88, 120, 208, 352), 1280),
    "efficientnet_lite3": (32, (24, 32, 48, 96, 136, 232, 384), 1280),
    "efficientnet_lite4": (32, (24, 32, 56, 112, 160, 272, 448), 1280),
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
    "efficientnet_lite0": (1, 2, 2, 3, 3, 4, 1),
    "efficientnet_lite1": (1, 3, 3, 4, 4, 5, 1),
    "efficientnet_lite2": (1, 3, 3, 4, 4, 5, 1),
    "efficientnet_lite3": (1, 3, 3, 5, 5, 6, 1),
    "efficientnet_lite4": (1, 4, 4, 6, 6, 8, 1),
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
    "efficientnet_lite0": (224, 0.2),
    "efficientnet_lite1": (240, 0.2),
    "efficientnet_lite2": (260, 0.3),
    "efficientnet_lite3": (280, 0.3),
    "efficientnet_lite4": (300, 0.3),
    "efficientnet_v2_s": (384, 0.2),
    "efficientnet_v2_m": (480, 0.2),
    "efficientnet_v2_l": (480, 0.2),
    "efficientnet_v2_xl": (512, 0.2),
}


def test_the_table_has_the_seventeen_variants_in_order_of_family_and_size() -> None:
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


def test_the_big_b_variants_and_lite_normalise_with_the_constants_of_tensorflow() -> None:
    tensorflow = {"efficientnet_b5", "efficientnet_b6", "efficientnet_b7"}
    for name, variant in VARIANTS.items():
        expected = (1e-3, 0.99) if name in tensorflow or "lite" in name else (1e-5, 0.9)
        assert (variant.norm_epsilon, variant.norm_momentum) == expected


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
