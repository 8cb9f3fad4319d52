"""Whose tensors a file holds, by which convention, and whether they are all there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

np = pytest.importorskip("numpy")

from hub.errors import ArchitectureError, ArgumentError, WeightsError  # noqa: E402
from hub.networks.conversion.layers import list_layers  # noqa: E402
from hub.networks.conversion.origins import (  # noqa: E402
    ORIGINS,
    choose_variant,
    find_origin,
    recognise_origin,
)
from hub.networks.conversion.pairing import find_prefix, match_tensors, pair_names  # noqa: E402
from hub.networks.variants import VARIANTS, find_variant  # noqa: E402

LITE0 = find_variant("efficientnet_lite0.tf")
TIMM = ORIGINS["timm"]


def make_tensors(name: str = "efficientnet_lite0", *, classes: int = 10, prefix: str = "") -> Any:
    pairs = pair_names(TIMM, find_variant(name), classes, prefix=prefix)
    return {pair.source: np.empty(pair.shape, np.float32) for pair in pairs}


@pytest.mark.parametrize("origin", ORIGINS)
def test_an_origin_is_recognised_by_the_names_of_any_of_its_networks(origin: str) -> None:
    for name in VARIANTS:
        for variant in ORIGINS[origin].list_variants(name)[:1]:
            names = [pair.source for pair in pair_names(ORIGINS[origin], variant)]
            assert recognise_origin(names).name == origin


def test_no_two_origins_share_a_name() -> None:
    for name, variant in VARIANTS.items():
        names = [
            {pair.source for pair in pair_names(origin, variant)}
            for origin in ORIGINS.values()
            if origin.list_variants(name)
        ]
        assert len(set.union(*names)) == sum(map(len, names))


def test_a_file_of_two_networks_is_refused() -> None:
    names = ["conv_stem.weight", "features.0.0.weight"]
    with pytest.raises(WeightsError, match=r"w\.pth has names of timm and of torchvision: it hold"):
        recognise_origin(names, "w.pth")


def test_a_file_of_another_network_is_refused_with_what_it_holds() -> None:
    names = ["layer1.0.conv1.weight", "layer1.0.bn1.weight", "fc.bias", "fc.weight"]
    with pytest.raises(WeightsError) as caught:
        recognise_origin(names, "resnet.pth")
    message = str(caught.value)
    assert message.startswith("resnet.pth holds no EfficientNet: its tensors are called layer1.0.")
    for origin in ORIGINS:
        assert origin in message
    assert caught.value.unexpected == tuple(names)


@pytest.mark.parametrize("name", ["tensorflow", "", None, ["timm"]])
def test_an_unknown_origin_is_refused_with_those_that_there_are(name: Any) -> None:
    with pytest.raises(ArgumentError, match="one of efficientnet_pytorch, timm, torchvision, mind"):
        find_origin(name)


@pytest.mark.parametrize(
    ("origin", "wanted", "chosen", "others"),
    [
        ("efficientnet_pytorch", "efficientnet_b0", "efficientnet_b0.tf", ()),
        ("efficientnet_pytorch", "tf_efficientnet_lite0", "efficientnet_lite0.tf", ()),
        ("timm", "efficientnet_b0", "efficientnet_b0.timm", ("efficientnet_b0.tf",)),
        ("timm", "tf_efficientnet_b0", "efficientnet_b0.tf", ()),
        ("timm", "efficientnet_b0.timm", "efficientnet_b0.timm", ()),
        ("timm", "efficientnetv2_s", "efficientnet_v2_s.timm", ()),
        ("timm", "efficientnet_v2_b0", "efficientnet_v2_b0.tf", ()),
        ("torchvision", "efficientnet_v2_s", "efficientnet_v2_s.torchvision", ()),
        (
            "mindspore",
            "efficientnet_lite0",
            "efficientnet_lite0",
            ("efficientnet_lite0.timm", "efficientnet_lite0.tf"),
        ),
        ("mindspore", "efficientnet_b0.tf", "efficientnet_b0.tf", ()),
    ],
)
def test_a_plain_name_means_the_origins_own_network(
    origin: str, wanted: str, chosen: str, others: tuple[str, ...]
) -> None:
    variant, alternatives = choose_variant(ORIGINS[origin], find_variant(wanted))
    assert variant.name == chosen
    assert tuple(other.name for other in alternatives) == others


@pytest.mark.parametrize("name", [name for name in VARIANTS if "_lite" in name])
def test_lites_of_efficientnet_pytorch_are_the_reference_codes(name: str) -> None:
    """Of the same network, ``.tf`` is timm's copy, whose images have other colours."""
    variant, others = choose_variant(ORIGINS["efficientnet_pytorch"], VARIANTS[name])
    assert variant == VARIANTS[name]
    (timms,) = others
    assert replace(timms, name=name) == variant


@pytest.mark.parametrize(
    ("origin", "wanted", "advice"),
    [
        ("torchvision", "tf_efficientnet_b0", "convert it as efficientnet_b0.torchvision."),
        ("efficientnet_pytorch", "efficientnet_b0.timm", "convert it as efficientnet_b0.tf."),
        ("timm", "efficientnet_b0.torchvision", "efficientnet_b0.timm or efficientnet_b0.tf."),
    ],
)
def test_a_convention_that_the_origin_does_not_have_is_refused(
    origin: str, wanted: str, advice: str
) -> None:
    with pytest.raises(ArgumentError) as caught:
        choose_variant(ORIGINS[origin], find_variant(wanted), source="w.pth")
    message = str(caught.value)
    assert message.startswith(f"w.pth has the names of {origin}, and {find_variant(wanted).name} ")
    assert message.endswith(advice)


@pytest.mark.parametrize(
    ("origin", "wanted"),
    [
        ("torchvision", "efficientnet_lite0"),
        ("efficientnet_pytorch", "efficientnet_v2_s"),
        ("torchvision", "efficientnet_v2_xl.tf"),
    ],
)
def test_a_network_that_the_origin_does_not_have_is_refused_with_those_that_it_has(
    origin: str, wanted: str
) -> None:
    with pytest.raises(ArchitectureError) as caught:
        choose_variant(ORIGINS[origin], find_variant(wanted))
    base = find_variant(wanted).base
    assert f"the names of {origin}, which builds no {base}. It" in str(caught.value)
    assert "efficientnet_b7" in caught.value.known
    assert base not in caught.value.known


def test_what_a_file_says_of_itself_settles_a_plain_name() -> None:
    plain, recorded = find_variant("efficientnet_b0"), "efficientnet_b0.torchvision"
    variant, alternatives = choose_variant(ORIGINS["mindspore"], plain, recorded=recorded)
    assert (variant.name, alternatives) == (recorded, ())


@pytest.mark.parametrize("wanted", ["efficientnet_b0.tf", "efficientnet_b1"])
def test_what_a_file_says_of_itself_is_not_overruled(wanted: str) -> None:
    with pytest.raises(ArgumentError, match=r"it holds efficientnet_b0\.timm, not efficientnet_b"):
        choose_variant(ORIGINS["mindspore"], find_variant(wanted), recorded="efficientnet_b0.timm")


def test_every_difference_is_listed() -> None:
    tensors = make_tensors()
    del tensors["conv_stem.weight"], tensors["classifier.weight"]
    tensors["bn9.weight"] = np.ones(3, np.float32)
    tensors["bn1.bias"] = np.ones(33, np.float32)
    tensors["bn2.bias"] = np.ones(1280, np.int64)
    with pytest.raises(WeightsError, match=r"here does not hold the weights of") as caught:
        match_tensors(tensors, TIMM, LITE0, "here")
    error = caught.value
    assert error.missing == ("conv_stem.weight", "classifier.weight")
    assert error.unexpected == ("bn9.weight",)
    assert error.mismatched == (
        "bn1.bias (float32 (33,) instead of float32 (32,))",
        "bn2.bias (int64 (1280,) instead of float32 (1280,))",
    )
    for name in (*error.missing, *error.unexpected, *error.mismatched):
        assert name in str(error)


def test_a_message_names_eight_differences_and_counts_the_others() -> None:
    with pytest.raises(WeightsError, match=r"247 missing: conv_stem.*, and 239 more") as caught:
        match_tensors({}, TIMM, LITE0)
    assert len(caught.value.missing) == 247


def test_the_network_that_the_tensors_are_of_is_named() -> None:
    with pytest.raises(WeightsError, match=r"\nIt holds those of efficientnet_lite1\.$"):
        match_tensors(make_tensors("efficientnet_lite1"), TIMM, LITE0)


def test_only_counters_of_training_steps_may_be_left_over() -> None:
    counted = make_tensors() | {"bn1.num_batches_tracked": np.array(7)}
    assert len(match_tensors(counted, TIMM, LITE0)) == 247
    with pytest.raises(WeightsError, match="1 unexpected: num_batches_tracked"):
        match_tensors(counted | {"num_batches_tracked": np.array(1)}, TIMM, LITE0)


def test_classes_and_image_channels_are_the_tensors_own() -> None:
    tensors = make_tensors(classes=7)
    tensors["conv_stem.weight"] = np.empty((32, 5, 3, 3), np.float32)
    stem, *_, bias = match_tensors(tensors, TIMM, LITE0)
    assert (stem.shape, bias.shape) == ((32, 5, 3, 3), (7,))


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "module._orig_mod."])
def test_what_wrappers_put_before_all_names_is_no_part_of_them(prefix: str) -> None:
    tensors = make_tensors(prefix=prefix)
    assert find_prefix(tensors) == prefix
    pairs = match_tensors(tensors, TIMM, LITE0)
    assert [pair.source for pair in pairs] == list(tensors)
    assert pairs[0].target == "features.0.weight"


@pytest.mark.parametrize("names", [[], ["module.a", "b"], ["a.module.b"]])
def test_names_without_a_common_prefix_stay_as_they_are(names: list[str]) -> None:
    assert find_prefix(names) == ""


def test_layers_know_where_they_stand() -> None:
    layers = list(list_layers(find_variant("efficientnet_v2_b1")))
    blocks = {layer.number: (layer.stage, layer.index) for layer in layers if layer.block}
    assert list(blocks) == list(range(27))
    assert [place for place in blocks.values() if place[0] == 2] == [(2, 0), (2, 1), (2, 2)]
    assert [layer.stage for layer in layers if not layer.block] == [0, 0, 7, 7, 7]
