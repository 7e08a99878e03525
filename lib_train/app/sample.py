"""The sample character: its pictures, settings that train it, and a project of both."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lib_train.app.fits import size_where_known
from lib_train.config.codec import config_of
from lib_train.config.presets import PRESETS
from lib_train.config.run import RunConfig
from lib_train.host.protocol import Host
from lib_train.store.projects import Version

SAMPLES = Path(__file__).parents[1] / "assets" / "mochi"
"""Pictures and captions of the character, and regularisation pictures of plain things."""
PROMPT = "mochi, large, center, black background"
SMALL: dict[str, Any] = {
    "network_dim": 32, "network_alpha": 32, "conv_dim": 16, "conv_alpha": 16, "enable_bucket": False,
    "max_train_epochs": 16, "train_batch_size": 8, "learning_rate": 1e-3, "text_encoder_lr": 1e-3,
    "lr_scheduler": "cosine", "lr_warmup_steps": 0.05, "min_snr_gamma": 5.0, "save_every_n_epochs": 8,
    "preview_prompts": (PROMPT,), "preview_weights": (0.0, 0.5, 0.75, 1.0), "preview_seeds": (1,),
    "preview_cfg_scale": (5.0,),
}  # fmt: skip
"""Settings, by name, with which the embedded model learns the character: 10 of 10 seeds show it."""
OF_KINDS: dict[str, dict[str, Any]] = {
    "lora": {},
    "locon": {},
    "dora": {},
    "loha": {
        "network_dim": 8, "network_alpha": 8, "conv_dim": 4, "conv_alpha": 4, "learning_rate": 2e-3,
        "text_encoder_lr": 2e-3,
    },
    "lokr": {
        "network_dim": 16, "network_alpha": 16, "conv_dim": None, "conv_alpha": None, "network_preset": "attn-mlp",
        "factor": 4, "learning_rate": 6e-3, "text_encoder_lr": 4e-3, "max_train_epochs": 20,
        "save_every_n_epochs": 10,
    },
    "ia3": {
        "network_preset": "full", "learning_rate": 4e-2, "text_encoder_lr": 2e-2, "max_train_epochs": 20,
        "save_every_n_epochs": 10,
    },
    "full": {"network_preset": "attn-mlp", "learning_rate": 9e-4, "text_encoder_lr": 1e-4},
}  # fmt: skip
"""What each kind of network needs other than ``SMALL`` to learn the character: at least 9 of 10 seeds show it."""
_PRESET = "course"


def sample_config(small: bool) -> RunConfig:
    """Settings that train the character, without folders.

    Args:
        small: whether the base model is as narrow as the embedded one.
    """
    if small:
        return config_of(SMALL)
    plain = {name: value for name, value in PRESETS[_PRESET].settings.items() if name != "resolution"}
    return config_of({**plain, "preset": _PRESET, "preview_prompts": (PROMPT,)})


class Samples:
    """Makes projects of the sample character.

    Args:
        new_project: makes a project of a free name like the given one, whose version a function fills; returns both
            names.
    """

    def __init__(self, host: Host, new_project: Callable[[str, Callable[[Version], None]], tuple[str, str]]) -> None:
        self._host, self._new_project = host, new_project

    def make(self, name: str) -> tuple[str, str]:
        """A new project whose version has the pictures and settings; returns both names.

        Raises:
            ProjectError: the name may not be used, or the disk is full; then nothing is left of it.
        """
        return self._new_project(name.strip() or SAMPLES.name, self._fill)

    def _fill(self, version: Version) -> None:
        shutil.copytree(SAMPLES, version.inside("dataset"))
        size = size_where_known(self._host, RunConfig())
        version.keep_settings(sample_config(bool(size and size.small)))
