"""What counts as the same outputs, and what does not."""

from __future__ import annotations

from typing import Any

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("mindspore")
from mindspore import Tensor, nn, ops  # noqa: E402

from hub.networks.engines.agreement import DisagreementError, require_agreement  # noqa: E402

pytestmark = pytest.mark.mindspore
SHAPES = [(2, 3, 8, 8)]


class Chaos(nn.Cell):
    """The logistic map, which doubles the smallest difference of its input with each round."""

    def __init__(self, rounds: int) -> None:
        super().__init__()
        self.rounds = rounds

    def construct(self, x: Any) -> Any:
        x = ops.amax(x, axis=(2, 3)) / 8
        for _ in range(self.rounds):
            x = x * 3.99 * (1 - x)
        return x


def run_in_double_precision(rounds: int, error: float = 0.0) -> Any:
    def run(images: Any) -> Any:
        x = images.astype(np.float64).max(axis=(2, 3)) / 8
        for _ in range(rounds):
            x = x * 3.99 * (1 - x)
        return (x * (1 + error)).astype(np.float32)

    return run


def test_what_rounding_alone_makes_of_a_sensitive_network_is_no_disagreement() -> None:
    network = Chaos(rounds=16)
    require_agreement(network, run_in_double_precision(16), SHAPES, what="the export")
    images = np.random.default_rng(0).standard_normal(SHAPES[0], np.float32)
    found = run_in_double_precision(16)(images)
    difference = np.abs(network(Tensor(images)).asnumpy() - found).max() / np.abs(found).max()
    assert difference > 1e-4  # so that the network is one


def test_the_same_difference_in_a_network_that_is_not_sensitive_is_one() -> None:
    with pytest.raises(DisagreementError, match=r"differ by 1\.0e-03 of the largest, and 1e-04"):
        require_agreement(
            Chaos(rounds=1), run_in_double_precision(1, 1e-3), SHAPES, what="the export"
        )
