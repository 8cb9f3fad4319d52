"""Networks that are harder to export than the family's."""

from __future__ import annotations

from typing import Any

from mindspore import nn, ops


class Flattening(nn.Cell):
    """Takes images of 8x8 pixels alone."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, pad_mode="valid", weight_init="normal")
        self.flat = nn.Flatten()
        self.head = nn.Dense(4 * 6 * 6, 5)

    def construct(self, x: Any) -> Any:
        return self.head(self.flat(self.conv(x)))


class Pairing(Flattening):
    """Has two outputs."""

    def construct(self, x: Any) -> Any:
        y = self.head(self.flat(self.conv(x)))
        return y, y + 1


class Exotic(Flattening):
    """Has an operator that ONNX lacks."""

    def construct(self, x: Any) -> Any:
        return ops.lgamma(self.head(self.flat(self.conv(x))))


class Unlike(Flattening):
    """Puts out a little more when it is called than its graph does."""

    def __call__(self, x: Any) -> Any:
        return super().__call__(x) * 1.001


class Paired(Flattening):
    """Takes two images at once alone."""

    def construct(self, x: Any) -> Any:
        return self.head(self.conv(x).reshape(2, -1))


class Infinite(Flattening):
    """Was trained too long."""

    def construct(self, x: Any) -> Any:
        return self.head(self.flat(self.conv(x))) / 0.0


class Trained(nn.Cell):
    """A head on top of something else."""

    def __init__(self, backbone: Any) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = nn.Dense(7, 3)

    def construct(self, x: Any) -> Any:
        return self.head(self.backbone(x)).sum()
