"""Taggers as ONNX: WD v1.4 v2 and v3, cl_tagger, JoyTag. Runs where onnxruntime is installed."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy
from PIL import Image

from lib_train.errors import MissingPackage, ModelFileError
from lib_train.tagging.labels import require_as_many
from lib_train.tagging.preprocess import Batch, for_cl, for_joytag, for_wd
from lib_train.tagging.tagger import Label, Scores
from lib_train.texts import say

PACKAGE = '"onnxruntime>=1.17,<1.27"'
"""WD v3 needs 1.17; from 1.27 on it asks for a newer protobuf than the WebUI's."""
_PROVIDERS = ("CUDAExecutionProvider", "DmlExecutionProvider", "CPUExecutionProvider")
_SIDE = 448


class Family(NamedTuple):
    """How taggers of one kind want their pictures, and what they answer."""

    prepare: Callable[[Sequence[Image.Image], int], Batch]
    colours: int
    """Which dimension of the input is the three colours."""
    gives_logits: bool
    usual_threshold: float


FAMILIES = {
    "wd": Family(for_wd, 3, False, 0.35),
    "cl": Family(for_cl, 1, True, 0.35),
    "joytag": Family(for_joytag, 1, True, 0.4),
}


class OnnxTagger:
    """See ``Tagger``.

    Args:
        model: the ONNX file.
        family: a name of ``FAMILIES``.
        labels: in the order of its outputs; ``labels_file`` is where they come from.

    Raises:
        MissingPackage: onnxruntime is not there.
        ModelFileError: the file cannot be read, or is of another family.
    """

    def __init__(self, model: Path, family: str, labels: Sequence[Label], labels_file: Path) -> None:
        self._family = FAMILIES[family]
        self.labels: Sequence[Label] = tuple(labels)
        self.usual_threshold = self._family.usual_threshold
        self._session = _session(model)
        entry, shape = self._session.get_inputs()[0], list(self._session.get_inputs()[0].shape)
        if len(shape) != 4 or shape[self._family.colours] != 3:
            raise ModelFileError(
                say("{path}: takes pictures as {shape}, which no {family} tagger does; choose its kind, and keep one "
                    "model in a folder", path=model, shape=shape, family=family)
            )  # fmt: skip
        self._name = entry.name
        self._fixed = shape[0] if isinstance(shape[0], int) else None
        side = shape[1] if self._family.colours == 3 else shape[2]
        self._side = side if isinstance(side, int) else _SIDE
        self.batch_size = self._fixed or (8 if _on_gpu(self._session) else 1)
        outputs = self._session.get_outputs()[0].shape[-1]
        if isinstance(outputs, int):
            require_as_many(labels, outputs, labels_file)

    def scores(self, pictures: Sequence[Image.Image]) -> Scores:
        """See ``Tagger``."""
        count = self._fixed or max(1, len(pictures))
        parts = [self._part(pictures[at : at + count]) for at in range(0, len(pictures), count)]
        found = numpy.concatenate(parts).astype(numpy.float32)
        return _sigmoid(found) if self._family.gives_logits else found

    def _part(self, pictures: Sequence[Image.Image]) -> Any:
        batch = self._family.prepare(pictures, self._side)
        if self._fixed and len(batch) < self._fixed:  # the model takes so many, no fewer
            batch = numpy.concatenate([batch, numpy.repeat(batch[-1:], self._fixed - len(batch), axis=0)])
        return self._session.run(None, {self._name: batch})[0][: len(pictures)]


def _session(model: Path) -> Any:
    try:
        import onnxruntime
        from onnxruntime.capi import onnxruntime_pybind11_state as native
    except ImportError as error:
        raise MissingPackage(PACKAGE, say("a tagger as ONNX")) from error
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    there = onnxruntime.get_available_providers()
    failures: list[Any] = [one for one in vars(native).values() if isinstance(one, type) and issubclass(one, Exception)]
    try:
        return onnxruntime.InferenceSession(str(model), options, providers=[one for one in _PROVIDERS if one in there])
    except (OSError, RuntimeError, ValueError, *failures) as error:
        why = str(error).partition("\n")[0]
        raise ModelFileError(
            say("{path}: onnxruntime {version} cannot read it ({why}); get it anew, or have {package} installed",
                path=model, version=onnxruntime.__version__, why=why, package=PACKAGE)
        ) from error  # fmt: skip


def _on_gpu(session: Any) -> bool:
    return bool(session.get_providers()[0] != _PROVIDERS[-1])


def _sigmoid(logits: Scores) -> Scores:
    return numpy.asarray(0.5 * (1 + numpy.tanh(0.5 * logits.astype(numpy.float64))), dtype=numpy.float32)
