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
    """Notes on the noise that it is trained with."""
    mismatches: tuple[str, ...]
    """Where the WebUI draws otherwise than the checkpoint's file declares, each with the way out."""


def noise_of(sd_model: Any) -> Noise:
    """The noise of a checkpoint, by the WebUI and by its file: the WebUI reads neither ``v_pred`` nor ``ztsnr``.

    SDXL's v models are drawn as such only with a ``.yaml`` beside them, and zero terminal SNR is an option of sampling.
    """
    path = Path(sd_model.sd_checkpoint_info.filename)
    declared, drawn = _declared_by(path), "v" if getattr(sd_model, "parameterization", "eps") == "v" else "epsilon"
    kind = "v" if "v" in (drawn, declared.prediction_type) else "epsilon"
    bars, notes, wrong = alphas_cumprod(), [*declared.notes(kind)], []
    if kind != drawn:
        wrong.append(
            say("{name} says that it predicts v and is trained so, but the WebUI draws with it as if it predicted "
                "epsilon: put {yaml} with sgm's VScaling beside it and load it again, or no picture comes out",
                name=path.name, yaml=f"{path.stem}.yaml")
        )  # fmt: skip
    elif declared.prediction_type == "epsilon" and drawn == "v" and path.with_suffix(".yaml").is_file():
        wrong.append(
            say("{name} says that it predicts epsilon, but {yaml} beside it makes the WebUI draw v: take {yaml} away "
                "and load it again",
                name=path.name, yaml=f"{path.stem}.yaml")
        )  # fmt: skip
    rescales = shared.opts.data.get(_OPTION) == _RESCALED
    if declared.schedule_follows(kind):
        bars = with_zero_terminal_snr(bars)
        if not rescales:
            wrong.append(
                say("{name} says zero terminal SNR, but the WebUI draws with its usual noise schedule: set Noise "
                    "schedule for sampling to {schedule} in the settings, below Sampler parameters",
                    name=path.name, schedule=_RESCALED)
            )  # fmt: skip
    elif rescales:
        notes.append(
            say("the WebUI draws with zero terminal SNR, which {name} does not say to be trained with: it is trained "
                "with the usual noise schedule; set Noise schedule for sampling to Default", name=path.name)
        )  # fmt: skip
    return Noise(kind, bars, tuple(notes), tuple(wrong))


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
