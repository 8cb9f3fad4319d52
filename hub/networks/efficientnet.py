"""EfficientNet in MindSpore: five cells, from the smallest to the whole.

The names of the parameters, their order and their shapes are those of MindCV, so that its
checkpoints fit. They follow from the places in the sequences below, which therefore stay flat:
``features.0`` is the stem's convolution, ``features.3.0.block.0`` the first one of the first block
of the first stage, ``mlp_head`` the classifier. Cells without parameters are free to move.

A convolution pads as its variant says: as TensorFlow does, where the papers' weights come from (at
stride 2 the odd pixel goes to the right and to the bottom), or by the same zeros on every side, as
PyTorch does. Both give the same shapes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from mindspore import Parameter, nn, ops
from mindspore.common.initializer import Normal, Uniform, initializer

from hub.networks.interpreter_exit import keep_interpreter_exit_quiet
from hub.networks.rates import check_rate
from hub.networks.stages import Block
from hub.networks.variants import Padding, Variant

STEM_CELLS = HEAD_CELLS = 3  # convolution, normalisation, activation: what lies around the stages


class BatchNorm(nn.BatchNorm2d):  # type: ignore[misc]
    """Batch normalisation as in MindSpore, without the operators that this network never calls.

    A :class:`mindspore.nn.BatchNorm2d` builds thirteen more of them, for other devices and other
    shapes: a quarter of the time that a whole network takes to build. So its ``__init__`` is left
    out, while its class, its parameters and ``use_batch_statistics`` are still there for what looks
    for them (mixed precision, freezing).

    Args:
        channels: Channels of input and output.
        epsilon: What is added to the variance.
        momentum: Share of the running statistics that a training step keeps.

    Inputs:
        x: float32 ``(N, channels, H, W)``.

    Outputs:
        float32 ``(N, channels, H, W)``.
    """

    def __init__(self, channels: int, epsilon: float, momentum: float) -> None:
        nn.Cell.__init__(self)
        self.num_features = channels
        self.eps = epsilon
        self.momentum = 1 - momentum  # the share of the new batch, as the operator wants it
        self.use_batch_statistics: bool | None = None  # None: in training
        self.moving_mean = _constant("zeros", channels, requires_grad=False)
        self.moving_variance = _constant("ones", channels, requires_grad=False)
        self.gamma = _constant("ones", channels)
        self.beta = _constant("zeros", channels)
        self.bn_train = ops.BatchNorm(is_training=True, epsilon=epsilon, momentum=self.momentum)
        self.bn_infer = ops.BatchNorm(is_training=False, epsilon=epsilon)

    def construct(self, x: Any) -> Any:
        """Normalise ``x`` by its own statistics in training, else by the running ones."""
        gamma, beta, mean, variance = self.gamma, self.beta, self.moving_mean, self.moving_variance
        learns = self.training if self.use_batch_statistics is None else self.use_batch_statistics
        if learns:
            return self.bn_train(x, gamma, beta, mean, variance)[0]
        return self.bn_infer(x, gamma, beta, mean, variance)[0]


class SqueezeExcite(nn.Cell):  # type: ignore[misc]
    """Weigh each channel by a factor between 0 and 1 that is computed from all channels' means.

    Squeeze-and-Excitation Networks, https://arxiv.org/abs/1709.01507.

    Args:
        channels: Channels of input and output.
        squeeze_channels: Channels in between.

    Inputs:
        x: float32 ``(N, channels, H, W)``.

    Outputs:
        float32 ``(N, channels, H, W)``.
    """

    def __init__(self, channels: int, squeeze_channels: int) -> None:
        super().__init__()
        self.conv_reduce = _conv("same", channels, squeeze_channels, has_bias=True)
        self.conv_expand = _conv("same", squeeze_channels, channels, has_bias=True)

    def construct(self, x: Any) -> Any:
        """Weigh the channels of ``x``."""
        weights = ops.mean(x, axis=(2, 3), keep_dims=True)  # (N, channels, 1, 1)
        weights = ops.silu(self.conv_reduce(weights))  # (N, squeeze_channels, 1, 1)
        weights = ops.sigmoid(self.conv_expand(weights))  # (N, channels, 1, 1)
        return x * weights


class DropPath(nn.Cell):  # type: ignore[misc]
    """In training, zero whole samples at random and scale up the others; else do nothing.

    Deep Networks with Stochastic Depth, https://arxiv.org/abs/1603.09382.

    Args:
        rate: Probability that a sample is zeroed, at least 0 and less than 1.

    Inputs:
        x: float32 ``(N, C, H, W)``.

    Outputs:
        float32 ``(N, C, H, W)``.
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(p=rate)

    def construct(self, x: Any) -> Any:
        """Drop samples of ``x``, in training only."""
        if not self.training:
            return x
        return x * self.dropout(ops.ones((x.shape[0], 1, 1, 1), x.dtype))


class InvertedResidual(nn.Cell):  # type: ignore[misc]
    """Widen, filter, project back and add the input: the block that all variants repeat.

    Args:
        block: The block's numbers, from :meth:`Variant.blocks`.
        variant: Whose activation and normalisation to use.
        drop_path: Probability that training skips a sample's way through the block.

    Inputs:
        x: float32 ``(N, in_channels, H, W)``.

    Outputs:
        float32 ``(N, out_channels, H / stride, W / stride)``, the sides rounded up.
    """

    def __init__(self, block: Block, variant: Variant, drop_path: float) -> None:
        super().__init__()
        cells = _mbconv(block, variant) if block.kind == "mbconv" else _fused(block, variant)
        self.block = nn.SequentialCell(cells)
        self.has_shortcut = block.has_shortcut
        if block.has_shortcut:
            self.drop_path = DropPath(drop_path)

    def construct(self, x: Any) -> Any:
        """Send ``x`` through the block."""
        y = self.block(x)
        if self.has_shortcut:
            y = x + self.drop_path(y)
        return y


class EfficientNet(nn.Cell):  # type: ignore[misc]
    """A variant of EfficientNet as a classifier of images, with initial parameters.

    Args:
        variant: Which one, from :func:`hub.networks.variants.find_variant`.
        num_classes: Outputs of the classifier.
        in_channels: Channels of the image.
        drop_rate: Probability that training zeroes an input of the classifier; None takes the
            variant's own.
        drop_path_rate: Probability that training skips the last block (earlier ones less, the first
            one never); None takes the variant's own.

    Inputs:
        x: float32 ``(N, in_channels, H, W)``; ``variant.resolution`` is the side to evaluate at,
        any other works too.

    Outputs:
        float32 ``(N, num_classes)``, the logits.

    Raises:
        ArgumentError: A rate is no number from 0 to less than 1.

    Example:
        >>> import mindspore
        >>> from hub.networks.variants import find_variant
        >>> network = EfficientNet(find_variant("efficientnet_lite0"), num_classes=10)
        >>> network(mindspore.ops.zeros((1, 3, 32, 32))).shape
        (1, 10)
    """

    def __init__(
        self,
        variant: Variant,
        num_classes: int = 1000,
        in_channels: int = 3,
        *,
        drop_rate: float | None = None,
        drop_path_rate: float | None = None,
    ) -> None:
        super().__init__()
        keep_interpreter_exit_quiet()
        drop_rate = check_rate("drop_rate", variant.dropout if drop_rate is None else drop_rate)
        self.features = nn.SequentialCell(
            [
                *build_stem(variant, in_channels),
                *build_stages(variant, drop_path_rate),
                *_conv_norm_act(variant, variant.stages[-1].channels, variant.head_channels),
            ]
        )
        self.dropout = nn.Dropout(p=drop_rate)
        self.mlp_head = nn.Dense(
            variant.head_channels,
            num_classes,
            weight_init=Uniform(1 / math.sqrt(num_classes)),
            bias_init="zeros",
        )

    def construct(self, x: Any) -> Any:
        """Classify the images ``x``."""
        x = self.features(x)  # (N, head_channels, H / 32, W / 32)
        x = ops.mean(x, axis=(2, 3))  # (N, head_channels)
        return self.mlp_head(self.dropout(x))  # (N, num_classes)


def build_stem(variant: Variant, in_channels: int) -> list[nn.Cell]:
    """Build what comes before the stages.

    Args:
        variant: The variant.
        in_channels: Channels of the image.

    Returns:
        As many cells as ``STEM_CELLS``.
    """
    return _conv_norm_act(variant, in_channels, variant.stem_channels, kernel=3, stride=2)


def build_stages(variant: Variant, drop_path_rate: float | None) -> Iterator[nn.SequentialCell]:
    """Build the stages, one whenever the next one is asked for.

    Args:
        variant: The variant.
        drop_path_rate: Probability that training skips the last block; it grows linearly from 0 at
            the first one, whether all are built or not. None takes the variant's own.

    Yields:
        A sequence of :class:`InvertedResidual`.

    Raises:
        ArgumentError: The rate is no number from 0 to less than 1.
    """
    depth = sum(stage.repeats for stage in variant.stages)
    highest = check_rate(
        "drop_path_rate", variant.drop_path if drop_path_rate is None else drop_path_rate
    )
    rates = iter([highest * i / depth for i in range(depth)])
    for blocks in variant.blocks():
        yield nn.SequentialCell([InvertedResidual(block, variant, next(rates)) for block in blocks])


def _mbconv(block: Block, variant: Variant) -> list[nn.Cell]:
    inside, cells = block.hidden_channels, []
    if block.expands:
        cells += _conv_norm_act(variant, block.in_channels, inside)
    cells += _conv_norm_act(
        variant, inside, inside, kernel=block.kernel, stride=block.stride, group=inside
    )
    if block.squeeze_channels:
        cells += [SqueezeExcite(inside, block.squeeze_channels)]
    return cells + _conv_norm(variant, inside, block.out_channels)


def _fused(block: Block, variant: Variant) -> list[nn.Cell]:
    first = block.hidden_channels if block.expands else block.out_channels
    cells = _conv_norm_act(
        variant, block.in_channels, first, kernel=block.kernel, stride=block.stride
    )
    return cells + (_conv_norm(variant, first, block.out_channels) if block.expands else [])


def _conv_norm_act(
    variant: Variant,
    in_channels: int,
    out_channels: int,
    kernel: int = 1,
    stride: int = 1,
    group: int = 1,
) -> list[nn.Cell]:
    activation = nn.SiLU() if variant.activation == "swish" else nn.ReLU6()
    cells = _conv_norm(variant, in_channels, out_channels, kernel, stride, group)
    return [*cells, activation]


def _conv_norm(
    variant: Variant,
    in_channels: int,
    out_channels: int,
    kernel: int = 1,
    stride: int = 1,
    group: int = 1,
) -> list[nn.Cell]:
    norm = BatchNorm(out_channels, variant.norm_epsilon, variant.norm_momentum)
    return [_conv(variant.padding, in_channels, out_channels, kernel, stride, group), norm]


def _conv(
    padding: Padding,
    in_channels: int,
    out_channels: int,
    kernel: int = 1,
    stride: int = 1,
    group: int = 1,
    *,
    has_bias: bool = False,
) -> nn.Conv2d:
    return nn.Conv2d(
        in_channels,
        out_channels,
        kernel_size=kernel,
        stride=stride,
        pad_mode="same" if padding == "same" else "pad",
        padding=0 if padding == "same" else (kernel - 1) // 2,
        group=group,
        has_bias=has_bias,
        weight_init=Normal(sigma=math.sqrt(2 / (out_channels * kernel**2))),
        bias_init="zeros",
    )


def _constant(kind: str, channels: int, **options: bool) -> Parameter:
    return Parameter(initializer(kind, channels), **options)
