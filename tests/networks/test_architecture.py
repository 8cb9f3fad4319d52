"""Who is asked for a network, in which order, and what becomes of those that fail."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hub.errors import ArchitectureError
from hub.networks.architecture import find_architecture
from hub.networks.options import NetworkOptions

ROOT = Path(__file__).parents[2]

# A package as somebody else would publish it. Its builder needs nothing of mshub.
NETWORKS = """
class Linear:
    name, classifier, stem, input_size = "acme_linear", ("weight", "bias"), (), 8

    def check(self, options):
        pass

    def build(self, options):
        from mindspore import nn
        return nn.Dense(3, options.num_classes)

def find(name):
    return Linear() if name in ("acme_linear", "efficientnet_b0") else None

def stumble(name):
    raise RuntimeError("the moon is full")

def babble(name):
    return "acme_linear, or so"

def refuse(name):
    from hub.errors import MissingDependencyError
    raise MissingDependencyError("Acme needs anvils: pip install anvils", package="anvils")
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder as pip installs into: a package, and what it announces."""
    (tmp_path / "acme_networks.py").write_text(NETWORKS)
    return tmp_path


def announce(site: Path, package: str, *entries: str) -> None:
    folder = site / f"{package}-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text("\n".join(["[mshub.builders]", *entries, ""]))


def run(site: Path, script: str, *, mindcv: bool = False) -> str:
    """Run a script where the package is installed; return what it prints, logs included."""
    hide = "" if mindcv else "import sys; sys.modules['mindcv'] = None\n"
    finished = subprocess.run(
        [sys.executable, "-c", hide + script],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(site)},
    )
    assert finished.returncode == 0, finished.stdout
    return finished.stdout


ASK = """
from hub.errors import ArchitectureError
from hub.networks.architecture import find_architecture
try:
    print(type(find_architecture({name!r})).__name__)
except ArchitectureError as error:
    print(error)
"""


def test_ours_are_found_without_asking_anybody(site: Path) -> None:
    announce(site, "acme", "linear = acme_networks:find", "moon = acme_networks:stumble")
    assert run(site, ASK.format(name="efficientnet_b0")) == "EfficientNetArchitecture\n"


def test_another_package_adds_a_network(site: Path) -> None:
    announce(site, "acme", "linear = acme_networks:find")
    assert run(site, ASK.format(name="acme_linear")) == "Linear\n"


def test_a_builder_that_fails_is_left_out_with_a_warning(site: Path) -> None:
    announce(site, "acme", "linear = acme_networks:find")
    announce(site, "broken", "absent = acme_no_such_module:find")
    announce(site, "babel", "babble = acme_networks:babble")
    announce(site, "cursed", "curse = acme_networks:stumble")
    printed = run(site, ASK.format(name="acme_linear"))
    assert printed.endswith("Linear\n")
    assert (
        "The builder 'absent' (acme_no_such_module:find) failed: "
        "ModuleNotFoundError(\"No module named 'acme_no_such_module'\")"
    ) in printed
    assert (
        "The builder 'curse' (acme_networks:stumble) failed: RuntimeError('the moon is full')"
    ) in printed
    assert "The builder 'babble' (acme_networks:babble) failed: AttributeError" in printed


def test_builders_that_fail_are_named_when_nobody_knows_the_network(site: Path) -> None:
    announce(site, "acme", "linear = acme_networks:find", "moon = acme_networks:stumble")
    message = run(site, ASK.format(name="acme_conv"))
    assert "mshub builds no network called 'acme_conv'" in message
    assert "The builder 'moon' (acme_networks:stumble) failed: RuntimeError" in message
    assert "'linear'" not in message


def test_what_a_builder_says_about_itself_is_passed_on_in_its_own_words(site: Path) -> None:
    announce(site, "acme", "anvil = acme_networks:refuse")
    message = run(site, ASK.format(name="acme_conv"))
    assert "\nAcme needs anvils: pip install anvils\n" in message
    assert "failed" not in message


def test_without_mindcv_the_error_says_how_to_get_it_and_what_works_without(site: Path) -> None:
    message = run(site, ASK.format(name="resnet50"))
    assert "mshub builds no network called 'resnet50'" in message
    assert "hub.fetch(...) still returns the file and hub.load_weights(...)" in message
    assert "pip install --no-deps mindcv==0.3.0 tqdm" in message


def test_another_package_s_network_is_built_and_filled(site: Path, tmp_path: Path) -> None:
    pytest.importorskip("mindspore")
    announce(site, "acme", "linear = acme_networks:find")
    script = f"""
import mindspore
from hub.networks.builders import build_network, load_network
from hub.networks.options import NetworkOptions
source = build_network("acme_linear", NetworkOptions(num_classes=4))
mindspore.save_checkpoint(source, {str(tmp_path / "acme.ckpt")!r})
same = load_network("acme_linear", {str(tmp_path / "acme.ckpt")!r})
other = load_network("acme_linear", {str(tmp_path / "acme.ckpt")!r}, NetworkOptions(num_classes=7))
print((same.weight == source.weight).all(), other.weight.shape)
"""
    assert run(site, script) == "True (7, 3)\n"


def test_an_unknown_name_is_an_error_with_what_works_for_every_model() -> None:
    with pytest.raises(ArchitectureError, match=r"hub\.fetch.* hub\.load_weights") as caught:
        find_architecture("quantum_net_9000")
    assert caught.value.name == "quantum_net_9000"
    assert "efficientnet_b0" in caught.value.known


def test_our_architectures_say_what_fits_where() -> None:
    b4 = find_architecture("efficientnet_b4.timm")
    assert b4.name == "efficientnet_b4.timm"
    assert b4.input_size == 380
    assert b4.stem == ("features.0.weight",)
    assert b4.classifier == ("mlp_head.weight", "mlp_head.bias")


def test_our_architectures_refuse_levels_that_they_lack() -> None:
    b0 = find_architecture("efficientnet_b0")
    b0.check(NetworkOptions(features_only=True, out_indices=(0, -1)))
    with pytest.raises(ValueError, match=r"out_indices must be .* not \(5,\)"):
        b0.check(NetworkOptions(features_only=True, out_indices=(5,)))
