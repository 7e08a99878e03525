"""Make the WebUI's model fit for training, and give it back as it was.

The caller holds the WebUI's queue lock all the while. What is lifted here, and why, stands in the class.
"""

import sys
from contextlib import ExitStack
from typing import Any

import torch
from modules import lowvram, processing, sd_hijack, sd_models, sd_unet, shared

from lib_train.errors import HostModelError
from lib_train.networks.frozen import VOUCHED
from lib_train.texts import say

_PATCHED = (torch.nn.Linear, torch.nn.Conv2d, torch.nn.GroupNorm, torch.nn.LayerNorm, torch.nn.MultiheadAttention)
_ATTENTION = [
    (f"{package}.modules.{module}", name)
    for package in ("ldm", "sgm")
    for module, name in (("attention", "CrossAttention"), ("diffusionmodules.model", "AttnBlock"))
]


class Readied:
    """A context: entered, the model is bare, frozen and differentiable; left, it is what it was.

    Lifted are LoRAs merged into the weights, hypernetworks, hypertile, tiling, token merging, alternative U-Nets,
    ``requires_grad`` of all weights (the U-Net's is on in the WebUI), training mode, ldm's own gradient checkpointing
    (it gives frozen layers' adapters no gradient), the chosen attention (xformers' backward is not certain, others need
    much memory for it), embeddings that a prompt left behind, and the hooks of --medvram (which move modules between
    forward and backward).
    """

    def __init__(self, sd_model: Any) -> None:
        self._model = sd_model
        self._undo = ExitStack()

    def __enter__(self) -> "Readied":
        try:
            self._lift()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        try:
            self._undo.close()  # all of it, also where something fails
        finally:
            for parameter in self._model.parameters():
                parameter.grad = None
            forget_conditions()

    def _lift(self) -> None:
        model = self._model
        self._undo.callback(setattr, shared, "parallel_processing_allowed", shared.parallel_processing_allowed)
        shared.parallel_processing_allowed = False  # no live preview decodes with this VAE in another thread
        sd_unet.apply_unet("None")
        self._undo.callback(sd_unet.apply_unet)
        sd_models.apply_token_merging(model, 0)
        sd_hijack.model_hijack.apply_circular(False)
        sd_hijack.model_hijack.fixes = None
        networks = list(shared.loaded_hypernetworks)
        self._undo.callback(shared.loaded_hypernetworks.extend, networks)
        unmerge(model)
        forget_conditions()
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.requires_grad_(False)
                self._undo.callback(parameter.requires_grad_, True)
        for module in model.modules():
            for name in ("training", "checkpoint", "use_checkpoint"):
                if getattr(module, name, None) is True:
                    self._switch_off(module, name)
            tiling = getattr(module, "__webui_hypertile_params", None)
            if tiling is not None and tiling.enabled:
                self._switch_off(tiling, "enabled")
        self._use_trainable_attention()
        self._vouch_for_layers()
        if getattr(model, "lowvram", False):
            self._take_hooks_off()

    def _switch_off(self, thing: Any, name: str) -> None:
        setattr(thing, name, False)
        self._undo.callback(setattr, thing, name, True)

    def _use_trainable_attention(self) -> None:
        """PyTorch's own: its backward keeps no tokens x tokens matrices, as those of the WebUI's other choices do."""
        sdp = next((one for one in getattr(sd_hijack, "optimizers", ()) if one.name == "sdp"), None)
        if sdp is not None and sdp.is_available():
            for kind in _attention_classes():
                self._undo.callback(setattr, kind, "forward", kind.forward)
            sdp.apply()

    def _vouch_for_layers(self) -> None:
        """Lora's patch of torch's classes passes on to torch while no LoRA is loaded: say so, or training is slower."""
        networks = lora_extension()
        for kind in (torch.nn.Linear, torch.nn.Conv2d):
            behind = getattr(getattr(networks, "originals", None), f"{kind.__name__}_forward", None)
            patched_once = getattr(behind, "__module__", "").startswith("torch.nn.modules.")
            if patched_once and kind.forward.__module__ == networks.__name__:
                for module in self._model.modules():
                    if type(module).forward is kind.forward:
                        setattr(module, VOUCHED, True)
                        self._undo.callback(delattr, module, VOUCHED)

    def _take_hooks_off(self) -> None:
        model = self._model
        lowvram.send_everything_to_cpu()
        hooks = [(module, dict(module._forward_pre_hooks)) for module in model.modules() if _movers(module)]
        for module, _ in hooks:
            for key in _movers(module):
                del module._forward_pre_hooks[key]
        parts = [model.model, model.first_stage_model, getattr(model, "conditioner", None) or model.cond_stage_model]
        for part in parts:
            part.to(shared.device)

        def put_back() -> None:
            for part in parts:
                part.to("cpu")
            for module, before in hooks:
                module._forward_pre_hooks.clear()
                module._forward_pre_hooks.update(before)  # in their order
            lowvram.module_in_gpu = None

        self._undo.callback(put_back)


def _attention_classes() -> list[Any]:
    found = ((sys.modules.get(module), name) for module, name in _ATTENTION)
    return [getattr(module, name) for module, name in found if module is not None]


def _movers(module: torch.nn.Module) -> list[int]:
    """Keys of the hooks by which --medvram moves a module."""
    hooks = module._forward_pre_hooks.items()
    return [key for key, hook in hooks if getattr(hook, "__name__", "") == "send_me_to_gpu"]


def lora_extension() -> Any:
    """The module of the WebUI's own Lora extension; None when it is switched off or something took its name."""
    module = sys.modules.get("networks")
    return module if hasattr(module, "network_apply_weights") and hasattr(module, "available_networks") else None


def unmerge(sd_model: Any) -> None:
    """Take LoRAs of earlier prompts out of the weights, bit for bit.

    Raises:
        HostModelError: a layer still carries one.
    """
    shared.loaded_hypernetworks.clear()
    networks = lora_extension()
    if networks is None:
        return
    networks.load_networks([])
    if not hasattr(sd_model, "network_layer_mapping"):
        networks.assign_network_names_to_compvis_modules(sd_model)
    layers = {id(m): m for m in sd_model.network_layer_mapping.values() if isinstance(m, _PATCHED)}.values()
    with torch.no_grad():
        for layer in layers:
            networks.network_apply_weights(layer)
    dirty = [layer.network_layer_name for layer in layers if getattr(layer, "network_current_names", ()) != ()]
    if dirty:
        raise HostModelError(
            say(
                "a LoRA of an earlier prompt is still in {count} layers (such as {name}): reload the checkpoint",
                count=len(dirty),
                name=dirty[0],
            )
        )


def forget_conditions() -> None:
    """Empty the WebUI's caches of encoded prompts: they are keyed by text, not by weights."""
    for kind, names in (
        (processing.StableDiffusionProcessing, ("cached_c", "cached_uc")),
        (processing.StableDiffusionProcessingTxt2Img, ("cached_hr_c", "cached_hr_uc")),
    ):
        for name in names:
            if hasattr(kind, name):
                setattr(kind, name, [None, None])
