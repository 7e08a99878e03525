"""WD v3 taggers from their safetensors file, built by timm, which the WebUI brings."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy
from PIL import Image

from lib_train.config.reading import read_object
from lib_train.errors import MissingPackage, ModelFileError, reason
from lib_train.tagging.labels import require_as_many
from lib_train.tagging.preprocess import Triple, for_wd_timm
from lib_train.tagging.tagger import Label, Scores
from lib_train.texts import say

_HALF: Triple = (0.5, 0.5, 0.5)
_SIDE = 448


class WdTimm:
    """See ``Tagger``.

    Args:
        model: weights as safetensors.
        config: its ``config.json``.
        labels: in the order of its outputs; ``labels_file`` is where they come from.
        device: that it computes on, such as "cuda:1".

    Raises:
        MissingPackage: timm is not there.
        ModelFileError: the files do not belong together, or this timm cannot build the model.
    """

    usual_threshold = 0.35

    def __init__(
        self, model: Path, config: Path, labels: Sequence[Label], labels_file: Path, device: str = "cpu"
    ) -> None:
        described = read_object(config)
        shown = described.get("pretrained_cfg") or {}
        self.labels: Sequence[Label] = tuple(labels)
        self._device = device
        self.batch_size = 1 if device == "cpu" else 8
        self._side = int((shown.get("input_size") or (3, _SIDE, _SIDE))[-1])
        self._mean: Triple = tuple(shown.get("mean") or _HALF)
        self._std: Triple = tuple(shown.get("std") or _HALF)
        require_as_many(labels, int(described.get("num_classes") or 0), labels_file)
        self._model = _filled(_built(described, config), model).to(device)

    def scores(self, pictures: Sequence[Image.Image]) -> Scores:
        """See ``Tagger``."""
        import torch

        batch = for_wd_timm(pictures, self._side, self._mean, self._std)
        with torch.no_grad():
            found = self._model(torch.from_numpy(batch).to(self._device)).float().sigmoid().cpu().numpy()
        return numpy.asarray(found, dtype=numpy.float32)


def _built(described: Mapping[str, Any], config: Path) -> Any:
    """The model without its weights; the global chance is as before."""
    try:
        import timm
    except ImportError as error:
        raise MissingPackage("timm", say("a WD tagger as safetensors")) from error
    import torch

    shown = {**(described.get("pretrained_cfg") or {}), "num_classes": described.get("num_classes")}
    extra = {"global_pool": described["global_pool"]} if described.get("global_pool") else {}
    try:
        with torch.random.fork_rng(devices=[]):
            return timm.create_model(
                str(described.get("architecture")), pretrained=False, num_classes=shown["num_classes"],
                pretrained_cfg=shown, **{**extra, **(described.get("model_args") or {})},
            ).eval()  # fmt: skip
    except (AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
        raise ModelFileError(
            say("{config}: timm {version} cannot build this model ({why}); take the config.json that belongs to the "
                "model, or another tagger", config=config, version=timm.__version__, why=reason(error))
        ) from error  # fmt: skip


def _filled(model: Any, path: Path) -> Any:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        model.load_state_dict(load_file(path))
    except (OSError, RuntimeError, ValueError, SafetensorError) as error:
        why = str(reason(error)).partition("\n")[0]
        raise ModelFileError(
            say("{path}: cannot be used as weights of the model in its config.json ({why}); get it anew",
                path=path, why=why)
        ) from error  # fmt: skip
    return model.requires_grad_(False)
