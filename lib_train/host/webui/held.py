"""Which checkpoint and VAE the WebUI holds, and what it did with them meanwhile."""

from pathlib import Path
from typing import Any, NamedTuple

from modules import sd_models, sd_vae

from lib_train.errors import BaseModelChanged
from lib_train.texts import say


class Held(NamedTuple):
    """Identifies a loaded checkpoint: module objects are reused for checkpoints of one kind."""

    model: int
    checkpoint: str
    hash: str
    vae: str

    @property
    def name(self) -> str:
        """Of the checkpoint's file."""
        return Path(self.checkpoint).name


def held_in(sd_model: Any) -> Held:
    """The checkpoint and VAE of a loaded model."""
    vae = str(getattr(sd_model, "loaded_vae_file", None) or sd_vae.loaded_vae_file or "")
    return Held(id(sd_model), str(sd_model.sd_model_checkpoint), str(sd_model.sd_model_hash), vae)


def require_same(held: Held) -> None:
    """Check that the WebUI holds this checkpoint, with its VAE.

    Raises:
        BaseModelChanged: it holds another, or none.
    """
    sd_model = sd_models.model_data.sd_model
    if sd_model is None:
        raise BaseModelChanged(
            say("the run's checkpoint {name} was unloaded in the WebUI: put it back and resume the run", name=held.name)
        )
    now = held_in(sd_model)
    if now.vae != held.vae:
        raise BaseModelChanged(
            say("the run's checkpoint {name} was given another VAE in the WebUI: put it back and resume the run",
                name=held.name)
        )  # fmt: skip
    if now != held:
        raise BaseModelChanged(
            say("the run's checkpoint {name} was changed to {other} in the WebUI: put it back and resume the run",
                name=held.name, other=now.name)
        )  # fmt: skip


def moved(held: Held) -> BaseModelChanged:
    """The error for a checkpoint whose weights lie on another device."""
    return BaseModelChanged(
        say("the run's checkpoint {name} was moved to another device in the WebUI: put it back and resume the run",
            name=held.name)
    )  # fmt: skip
