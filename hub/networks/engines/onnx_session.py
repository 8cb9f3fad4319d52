"""onnxruntime: opening an exported network, and sending images through it."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Any

from hub.errors import LoadError, MissingDependencyError
from hub.networks.engines.agreement import Shape

_ERRORS_ONLY = 3  # what onnxruntime writes to standard error: it raises what matters


def require_onnx() -> None:
    """Import onnx and onnxruntime, or say what to install.

    Raises:
        MissingDependencyError: One of them is not installed, or cannot be imported.
    """
    for package in ("onnx", "onnxruntime"):
        try:
            importlib.import_module(package)
        except ImportError as cause:
            raise MissingDependencyError(
                f'engine="onnxruntime" and exports to ONNX need {package}, which cannot be'
                f' imported ({cause}): pip install "mshub[onnx]"',
                package=package,
            ) from cause


class OnnxSession:
    """An exported network, ready to run on the CPU.

    Args:
        model: The exported network: a file's path, or its content.
        threads: How many threads an operator may use; None takes as many as the process has cores.

    Raises:
        LoadError: onnxruntime cannot read or run it.
    """

    __slots__ = ("_input", "_limits", "_session", "dimensions")

    def __init__(self, model: Path | bytes, *, threads: int | None = None) -> None:
        import onnxruntime

        onnxruntime.disable_telemetry_events()
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.intra_op_num_threads = count_cores() if threads is None else threads
        options.log_severity_level = _ERRORS_ONLY
        source = model if isinstance(model, bytes) else os.fspath(model)
        with _ExplainedErrors("onnxruntime cannot open the exported network"):
            self._session = onnxruntime.InferenceSession(
                source, options, providers=["CPUExecutionProvider"]
            )
        (declared,) = self._session.get_inputs()
        self._input: str = declared.name
        self.dimensions: tuple[int | str, ...] = tuple(declared.shape)
        self._limits = tuple(size if isinstance(size, int) else None for size in self.dimensions)

    def accepts(self, shape: Shape) -> bool:
        """Tell whether images of this shape can be sent through it."""
        return len(shape) == len(self._limits) and all(
            limit == size or (limit is None and size > 0)
            for limit, size in zip(self._limits, shape, strict=True)
        )

    def run(self, images: Any) -> Any:
        """Send images through the network.

        Args:
            images: A float32 array in C order whose shape is accepted.

        Returns:
            The outputs, a new float32 array.

        Raises:
            LoadError: onnxruntime fails.
        """
        with _ExplainedErrors("onnxruntime fails"):
            return self._session.run(None, {self._input: images})[0]


def count_cores() -> int:
    """Count the processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _ExplainedErrors:
    """Turns the errors of onnxruntime, which have no common class, into a LoadError."""

    __slots__ = ("_what",)

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Exception):
            raise LoadError(f"{self._what}: {error}") from error
