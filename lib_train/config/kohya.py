"""Settings of kohya's sd-scripts that are spelled otherwise here."""

from collections.abc import Mapping
from typing import Any

_FREEZES = {"network_train_unet_only": "text_encoder_lr", "network_train_text_encoder_only": "unet_lr"}
_NETWORK_ARGS = ("conv_dim", "conv_alpha", "rank_dropout", "module_dropout")


def from_sd_scripts(value: Mapping[str, Any]) -> dict[str, Any]:
    """A flat file of sd-scripts under our names: base model, frozen parts, ``network_args`` one by one.

    Keys that mean nothing here stay as they are.
    """
    new = dict(value)
    if "pretrained_model_name_or_path" in new:
        new.setdefault("base_model", new.pop("pretrained_model_name_or_path"))
    for switch, rate in _FREEZES.items():
        if new.get(switch) is True:
            del new[switch]
            new[rate] = 0
    words = new.get("network_args")
    if isinstance(words, list):
        pairs = [str(word).partition("=") for word in words]
        new.update({name: text for name, _, text in pairs if name in _NETWORK_ARGS})
        new["network_args"] = [name + equals + text for name, equals, text in pairs if name not in _NETWORK_ARGS]
        if not new["network_args"]:
            del new["network_args"]
    return new
