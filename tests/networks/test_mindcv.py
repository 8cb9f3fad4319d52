"""MindCV's networks as mshub's: found by name, built, adapted, and filled from a card's file."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mindcv")
mindspore = pytest.importorskip("mindspore")
np = pytest.importorskip("numpy")

from mindcv.models.registry import list_models  # noqa: E402

import hub  # noqa: E402
from hub.errors import ArchitectureError, ArgumentError  # noqa: E402
from hub.networks import mindcv  # noqa: E402
from hub.networks.architecture import find_architecture  # noqa: E402
from hub.networks.builders import build_network, check_request, load_network  # noqa: E402
from hub.networks.checkpoint import without_values  # noqa: E402
from hub.networks.mindcv.outline import create_network  # noqa: E402
from hub.networks.options import NetworkOptions  # noqa: E402
from tests.conftest import AssetServer, digest_of  # noqa: E402

pytestmark = pytest.mark.mindspore

ROOT = Path(__file__).parents[2]
CORPUS = ROOT.parent / "shared" / "corpus" / "mindspore" / "2.5"

# The networks of MindSpore's official cards whose repo-link is MindCV, as the cards call them.
# The first are quick to build and unlike each other, and run on images of so many pixels; the
# others take minutes, and run on images of their own size.
QUICK = {
    "mobilenet_v1_025": 64,
    "mobilenet_v3_small_100": 64,
    "pvt_tiny": 224,  # mended
    "regnet_x_800mf": 64,
    "repvgg_a0": 64,  # two first convolutions
    "rexnet_09": 64,  # mended
    "shufflenet_v2_x0_5": 64,
    "squeezenet1_0": 64,  # its classifier is a convolution
}
THOROUGH = (
    "bit_resnet50",
    "coat_tiny",
    "convit_tiny",
    "convnext_tiny",
    "convnextv2_tiny",
    "crossvit_9",
    "densenet121",
    "edgenext_xx_small",
    "efficientnet_b0",
    "ghostnet_050",
    "googlenet",
    "hrnet_w32",
    "inception_v3",
    "inception_v4",
    "mixnet_s",
    "mnasnet_075",
    "mobilenet_v2_075",
    "mobilenet_v3_large_100",
    "mobilevit_xx_small",
    "nasnet_a_4x1056",
    "pit_ti",
    "poolformer_s12",
    "pvt_v2_b0",
    "repvgg_a1",
    "res2net50",
    "resnet50",
    "resnetv2_50",
    "resnext50_32x4d",
    "seresnet18",
    "shufflenet_v1_g3_05",
    "skresnet18",
    "swin_tiny",
    "swinv2_tiny_window8",
    "vgg13",
    "vgg19",
    "visformer_tiny",
    "vit_b32_224",
    "vit_l32_224",
    "xcit_tiny_12_p16_224",
)


# Hyphens and underscores don't count, but in these a dot was meant.
AMBIGUOUS = {
    *(f"regnet_{kind}_{size}gf" for kind in "xy" for size in ("16", "1_6", "32", "3_2")),
}


def image(side: int) -> Any:
    random = np.random.default_rng(0).standard_normal((1, 3, side, side), np.float32)
    return mindspore.Tensor(random)


def create_scrambled(name: str, **arguments: Any) -> Any:
    """Build a network of MindCV's and give it values that no initialiser would choose."""
    with without_values():
        network = create_network(name, **arguments)
    return scramble(network)


def scramble(network: Any) -> Any:
    """Give a network values that no initialiser would choose, and that keep outputs finite."""
    random = np.random.default_rng(1)
    for parameter in network.get_parameters():
        if parameter.dtype == mindspore.float32:
            near_one = parameter.name.endswith(("variance", "gamma"))
            low, high = (0.5, 1.5) if near_one else (-0.05, 0.05)
            values = random.uniform(low, high, parameter.shape).astype(np.float32)
            parameter.set_data(mindspore.Tensor(values))
        else:
            parameter.init_data()
    return network.set_train(False)


def check_that_a_card_s_file_gives_mindcv_s_outputs(
    name: str, side: int, save: Callable[..., Path]
) -> None:
    if name.startswith("efficientnet"):
        # Ours; test_efficientnet.py compares it with MindCV's.
        source = scramble(build_network(name))
    else:
        known = find_architecture(name).name
        source = create_scrambled(known, num_classes=1000, in_channels=3)
    path = save(source)
    expected = source(image(side)).asnumpy()
    assert expected.shape == (1, 1000)
    assert np.isfinite(expected).all()
    assert np.ptp(expected) > 0
    loaded = load_network(name, path)
    assert not loaded.training
    np.testing.assert_allclose(loaded(image(side)).asnumpy(), expected, rtol=1e-5)


@pytest.mark.parametrize(("name", "side"), QUICK.items(), ids=QUICK)
def test_a_card_s_file_gives_mindcv_s_outputs(
    name: str, side: int, save: Callable[..., Path]
) -> None:
    check_that_a_card_s_file_gives_mindcv_s_outputs(name, side, save)


@pytest.mark.nightly
@pytest.mark.parametrize("name", THOROUGH)
def test_every_other_card_s_file_gives_mindcv_s_outputs(
    name: str, save: Callable[..., Path]
) -> None:
    side = find_architecture(name).input_size
    check_that_a_card_s_file_gives_mindcv_s_outputs(name, side, save)


def test_the_networks_here_are_those_of_the_official_cards() -> None:
    if not CORPUS.is_dir():
        pytest.skip("the official cards are not here")
    cards = [hub.card(path) for path in CORPUS.glob("*.md")]
    named = {card.model_name for card in cards if "/mindcv/" in str(card.repo_link)}
    assert named == {*QUICK, *THOROUGH}


def test_a_name_in_capitals_and_hyphens_is_found_and_never_means_another_network() -> None:
    names = set(list_models())
    assert len(names) > 250
    assert names > AMBIGUOUS
    for name in names - AMBIGUOUS:
        written = name.upper().replace("_", "-")
        assert mindcv.find_architecture(written).name == name
    for name in AMBIGUOUS:
        assert mindcv.find_architecture(name).name == name
        with pytest.raises(ArchitectureError, match=rf"can mean .*\b{name}\b"):
            mindcv.find_architecture(name.upper().replace("_", "-"))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("vit_b32_224", "vit_b_32_224"),
        ("bit_resnet50", "BiT_resnet50"),
        ("ResNet-50", "resnet50"),
        ("mobilenet-v3-small-100", "mobilenet_v3_small_100"),
        ("regnet_x_1_6gf", "regnet_x_1_6gf"),
    ],
)
def test_case_hyphens_and_underscores_do_not_count(written: str, meant: str) -> None:
    assert find_architecture(written).name == meant


def test_a_spelling_that_means_two_networks_is_an_error_that_names_both() -> None:
    with pytest.raises(ArchitectureError, match="regnet_x_16gf or regnet_x_1_6gf"):
        find_architecture("regnet_x16gf")


def test_a_slip_gets_mindcv_s_nearest_name() -> None:
    with pytest.raises(ArchitectureError, match="Did you mean its 'resnet50'"):
        find_architecture("resnet51")


def test_efficientnets_stay_ours() -> None:
    assert type(find_architecture("efficientnet_b0")).__name__ == "EfficientNetArchitecture"


def test_a_network_that_mindcv_cannot_build_is_an_error() -> None:
    with pytest.raises(ArchitectureError, match=r"fails to build its mae_b.*hub\.load_weights"):
        check_request("mae_b_16_224_pretrain")


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("resnet50", 224),
        ("crossvit_9", 240),
        ("vit_b_16_384", 384),
        ("mobilenet_v2_035_96", 96),
        ("inception_v3", 299),
        ("swinv2_tiny_window8", 256),
        ("resnest200", 224),
    ],
)
def test_the_size_of_images_is_known(name: str, size: int) -> None:
    assert find_architecture(name).input_size == size


def test_other_classes_get_a_fresh_classifier_and_keep_the_rest(save: Callable[..., Path]) -> None:
    path = save(source := create_scrambled("mobilenet_v1_025", num_classes=20))
    loaded = load_network("mobilenet_v1_025", path, NetworkOptions(num_classes=5))
    assert loaded(mindspore.ops.ones((1, 3, 64, 64))).shape == (1, 5)
    theirs = source.parameters_dict()
    for name, parameter in loaded.parameters_dict().items():
        if not name.startswith("classifier."):
            np.testing.assert_array_equal(parameter.asnumpy(), theirs[name].asnumpy(), err_msg=name)
    assert load_network("mobilenet_v1_025", path).classifier.out_channels == 20


def test_a_grey_image_gives_what_it_gave_in_colour(save: Callable[..., Path]) -> None:
    path = save(create_scrambled("repvgg_a0", num_classes=20))
    grey = mindspore.Tensor(np.random.default_rng(0).standard_normal((1, 1, 64, 64), np.float32))
    colour = mindspore.ops.cat((grey, grey, grey), axis=1)
    actual = load_network("repvgg_a0", path, NetworkOptions(in_channels=1))(grey).asnumpy()
    expected = load_network("repvgg_a0", path)(colour).asnumpy()
    np.testing.assert_allclose(actual, expected, rtol=1e-3, atol=1e-3 * np.abs(expected).max())


def test_channels_are_refused_where_mindcv_has_only_three() -> None:
    with pytest.raises(ArgumentError, match="seresnet18 for images of three channels alone"):
        check_request("seresnet18", NetworkOptions(in_channels=1))


@pytest.mark.parametrize(
    ("name", "rates", "message"),
    [
        ("resnet18", {"drop_rate": 0.1}, "resnet18 has no drop_rate"),
        ("edgenext_xx_small", {"drop_rate": 0.1}, "has no drop_rate"),  # swallowed by MindCV
        ("swin_tiny", {"drop_path_rate": 0.1}, "swin_tiny cannot be built like that: .*multiple"),
    ],
)
def test_rates_that_a_network_does_not_take_are_refused(
    name: str, rates: dict[str, float], message: str
) -> None:
    with pytest.raises(ArgumentError, match=message):
        check_request(name, NetworkOptions(**rates))


def test_a_rate_reaches_the_network() -> None:
    with without_values():
        network = build_network("ghostnet_050", NetworkOptions(drop_rate=0.35))
    assert [cell.p for _, cell in network.cells_and_names() if hasattr(cell, "p")] == [0.35]


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v3_small_075"])
def test_features_are_the_last_maps_of_each_stride(name: str, save: Callable[..., Path]) -> None:
    path = save(create_scrambled(name))
    network = load_network(name, path, NetworkOptions(features_only=True))
    maps = network(mindspore.ops.ones((1, 3, 64, 64)))
    assert isinstance(maps, tuple)
    assert network.strides == (2, 4, 8, 16, 32)
    assert [features.shape for features in maps] == [
        (1, channels, 64 // stride, 64 // stride)
        for channels, stride in zip(network.channels, network.strides, strict=True)
    ]
    chosen = load_network(name, path, NetworkOptions(features_only=True, out_indices=(1, -1)))
    for one, other in zip(
        chosen(mindspore.ops.ones((1, 3, 64, 64))), (maps[1], maps[4]), strict=True
    ):
        np.testing.assert_array_equal(one.asnumpy(), other.asnumpy())


def test_features_of_a_network_that_has_none_are_refused() -> None:
    with pytest.raises(ArgumentError, match="no features of squeezenet1_0"):
        check_request("squeezenet1_0", NetworkOptions(features_only=True))


def test_a_level_that_a_network_lacks_is_refused() -> None:
    with pytest.raises(ArgumentError, match=r"from 0 to 4 \(or from -5 to -1\), not \(7,\)"):
        check_request("resnet18", NetworkOptions(features_only=True, out_indices=(7,)))


def test_a_card_of_mindcv_s_is_loaded_from_a_server(
    server: AssetServer,
    write_card: Callable[..., Path],
    save: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = create_scrambled("mobilenet_v1_025", num_classes=1001)
    content = save(source).read_bytes()
    link = server.serve("/mobilenet_v1_025-cbe3d3b3-910v2.ckpt", content)
    card = write_card(
        "cards/Demo/mobilenet.md", name="mobilenet_v1_025", link=link, digest=digest_of(content)[:8]
    )
    monkeypatch.setenv("MSHUB_REGISTRY", str(card.parents[1]))
    x = mindspore.Tensor(np.random.default_rng(0).standard_normal((2, 3, 224, 224), np.float32))
    network = hub.load("Demo/mobilenet")
    np.testing.assert_allclose(network(x).asnumpy(), source(x).asnumpy(), rtol=1e-6)
    assert network(x).shape == (2, 1001)
    assert hub.load("Demo/mobilenet", num_classes=3)(x).shape == (2, 3)


def test_looking_up_a_network_leaves_the_process_and_the_disk_as_they_were(tmp_path: Path) -> None:
    script = """
import logging, os, socket, ssl, warnings
import mindspore
def refuse(*_): raise AssertionError("a connection")
socket.socket.connect = refuse
def state():
    root = logging.getLogger()
    return (ssl._create_default_https_context, list(root.handlers), root.level,
            list(warnings.filters), dict(os.environ))
before = state()
from hub.networks.architecture import find_architecture
from hub.networks.options import NetworkOptions
find_architecture("mobilenet_v1_025").build(NetworkOptions(num_classes=10))
assert state() == before
print("same", os.listdir(os.environ["HOME"]))
"""
    finished = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={"HOME": str(tmp_path), "PATH": ""},
    )
    assert finished.stdout == "same []\n", finished.stderr
