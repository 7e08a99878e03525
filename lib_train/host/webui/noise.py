"""The noise that the WebUI's checkpoint is trained on, by the WebUI and by the checkpoint's file."""

from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from modules import shared
from torch import Tensor

from lib_train.checkpoints.opened import read_header
from lib_train.diffusion.schedule import alphas_cumprod, with_zero_terminal_snr
from lib_train.errors import ModelFileError
from lib_train.models.declared_noise import DeclaredNoise, declared_noise
from lib_train.texts import say

_OPTION, _RESCALED = "sd_noise_schedule", "Zero Terminal SNR"


class Noise(NamedTuple):
    """How a loaded checkpoint is trained."""

    prediction_type: str
    """"v" or "epsilon"."""
    alphas_cumprod: Tensor
    notes: tuple[str, ...]
    """Notes where the WebUI's sampling differs from what the checkpoint's file declares."""


def noise_of(sd_model: Any) -> Noise:
    """The noise of a checkpoint, by the WebUI and by its file: the WebUI reads neither ``v_pred`` nor ``ztsnr``.

    SDXL's v models are drawn as such only with a ``.yaml`` beside them, and zero terminal SNR is an option of sampling.
    """
    path = Path(sd_model.sd_checkpoint_info.filename)
    declared, drawn = _declared_by(path), "v" if getattr(sd_model, "parameterization", "eps") == "v" else "epsilon"
    kind = "v" if "v" in (drawn, declared.prediction_type) else "epsilon"
    bars, notes = alphas_cumprod(), [*declared.notes(kind)]
    if kind != drawn:
        notes.append(
            say("{name} says that it predicts v and is trained so, but the WebUI draws with it as if it predicted "
                "epsilon: put {yaml} with sgm's VScaling beside it and load it again, or no picture comes out",
                name=path.name, yaml=f"{path.stem}.yaml")
        )  # fmt: skip
    if declared.schedule_follows(kind):
        bars = with_zero_terminal_snr(bars)
        if shared.opts.data.get(_OPTION) != _RESCALED:
            notes.append(
                say(
                    "previews are drawn with the WebUI's noise schedule: set Noise schedule for sampling to {schedule}",
                    schedule=_RESCALED,
                )
            )
    return Noise(kind, bars, tuple(notes))


def _declared_by(path: Path) -> DeclaredNoise:
    """Nothing where it is no safetensors file: only those are read in a moment."""
    try:
        return _declared_in(path, path.stat().st_mtime_ns)
    except (OSError, ModelFileError):
        return DeclaredNoise()


@lru_cache(maxsize=4)
def _declared_in(path: Path, changed: int) -> DeclaredNoise:
    metadata, tensors = read_header(path)
    return declared_noise(tensors.keys(), metadata)
