"""Make the WebUI's model fit for training, and give it back as it was.

The caller holds the WebUI's queue lock all the while. What is lifted here, and why, stands in the class.
"""

import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from modules import lowvram, processing, sd_hijack, sd_models, sd_unet, shared

from lib_train.errors import HostModelError

_PATCHED = (torch.nn.Linear, torch.nn.Conv2d, torch.nn.GroupNorm, torch.nn.LayerNorm, torch.nn.MultiheadAttention)
_TRAINABLE_ATTENTION = "sdp - scaled dot product"


class Readied:
    """A context: entered, the model is bare, frozen and differentiable; left, it is what it was.

    Lifted are LoRAs merged into the weights, hypernetworks, hypertile, tiling, token merging, alternative U-Nets,
    ``requires_grad`` of all weights (the U-Net's is on in the WebUI), ldm's own gradient checkpointing (it gives
    frozen layers' adapters no gradient), xformers' attention (whose backward is not certain), embeddings that a
    prompt left behind, and the hooks of --medvram (which move modules between forward and backward).
    """

    def __init__(self, sd_model: Any) -> None:
        self._model = sd_model
        self._undo: list[Callable[[], object]] = []

    def __enter__(self) -> "Readied":
        try:
            self._lift()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        while self._undo:
            self._undo.pop()()
        for parameter in self._model.parameters():
            parameter.grad = None
        forget_conditions()

    def _lift(self) -> None:
        model = self._model
        self._undo.append(partial(setattr, shared, "parallel_processing_allowed", shared.parallel_processing_allowed))
        shared.parallel_processing_allowed = False  # no live preview decodes with this VAE in another thread
        sd_unet.apply_unet("None")
        self._undo.append(sd_unet.apply_unet)
        sd_models.apply_token_merging(model, 0)
        sd_hijack.model_hijack.apply_circular(False)
        sd_hijack.model_hijack.fixes = None
        networks = list(shared.loaded_hypernetworks)
        self._undo.append(lambda: shared.loaded_hypernetworks.extend(networks))
        unmerge(model)
        forget_conditions()
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.requires_grad_(False)
                self._undo.append(partial(parameter.requires_grad_, True))
        for module in model.modules():
            for name in ("checkpoint", "use_checkpoint"):
                if getattr(module, name, None) is True:
                    self._switch_off(module, name)
            tiling = getattr(module, "__webui_hypertile_params", None)
            if tiling is not None and tiling.enabled:
                self._switch_off(tiling, "enabled")
        self._use_trainable_attention()
        if getattr(model, "lowvram", False):
            self._take_hooks_off()

    def _switch_off(self, thing: Any, name: str) -> None:
        setattr(thing, name, False)
        self._undo.append(partial(setattr, thing, name, True))

    def _use_trainable_attention(self) -> None:
        current = getattr(sd_hijack, "current_optimizer", None)
        if current is not None and "xformers" in current.name.lower():
            sd_hijack.model_hijack.apply_optimizations(_TRAINABLE_ATTENTION)
            self._undo.append(sd_hijack.model_hijack.apply_optimizations)

    def _take_hooks_off(self) -> None:
        model = self._model
        lowvram.send_everything_to_cpu()
        hooks = [(module, key, hook) for module, key, hook in _hooks_of(model) if hook.__name__ == "send_me_to_gpu"]
        for module, key, _ in hooks:
            del module._forward_pre_hooks[key]
        parts = [model.model, model.first_stage_model, getattr(model, "conditioner", None) or model.cond_stage_model]
        for part in parts:
            part.to(shared.device)

        def put_back() -> None:
            for part in parts:
                part.to("cpu")
            for module, key, hook in hooks:
                module._forward_pre_hooks[key] = hook
            lowvram.module_in_gpu = None

        self._undo.append(put_back)


def _hooks_of(model: Any) -> Iterator[tuple[Any, int, Any]]:
    for module in model.modules():
        for key, hook in module._forward_pre_hooks.items():
            if hasattr(hook, "__name__"):
                yield module, key, hook


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
            f"a LoRA of an earlier prompt is still in {len(dirty)} layers (such as {dirty[0]}): reload the checkpoint"
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
