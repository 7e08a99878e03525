"""Checkpoint files become diffusers' and transformers' modules, without the network and with one copy in memory."""

import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lib_train.errors import ModelFileError
from lib_train.models.families import TEXT_PREFIXES, Anatomy, vae_settings
from lib_train.networks.keys import ldm_unet_weight, ldm_vae_weight

Take = Callable[[str], Tensor]


class TensorFile:
    """An open checkpoint: names and shapes at once, tensors when they are asked for.

    Raises:
        ModelFileError: the file is missing, damaged, or of a kind that is not opened.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.is_file():
            raise ModelFileError(f"{path}: there is no such file; check the path")
        if path.suffix == ".safetensors":
            self._open_safetensors()
        elif path.suffix in (".ckpt", ".pt", ".pth"):
            self._open_pickle()
        else:
            raise ModelFileError(f"{path}: is no checkpoint; choose a .safetensors or .ckpt file")

    def _open_safetensors(self) -> None:
        from safetensors import SafetensorError, safe_open

        try:
            file = safe_open(self.path, "pt")
            names = list(file.keys())
            self.shapes = {name: tuple(file.get_slice(name).get_shape()) for name in names}
            self.metadata: Mapping[str, str] = file.metadata() or {}
        except (SafetensorError, OSError, ValueError) as error:
            raise ModelFileError(f"{self.path}: is no whole safetensors file ({error}); take another copy") from error
        self.take: Take = file.get_tensor

    def _open_pickle(self) -> None:
        try:
            found = torch.load(self.path, map_location="cpu", weights_only=True)
        except (pickle.UnpicklingError, RuntimeError, OSError, EOFError, ValueError, KeyError) as error:
            raise ModelFileError(
                f"{self.path}: cannot be opened without running code from the file ({str(error).splitlines()[0]}); "
                "convert it to .safetensors"
            ) from error
        tensors = found.get("state_dict", found) if isinstance(found, dict) else {}
        tensors = {name: tensor for name, tensor in tensors.items() if isinstance(tensor, Tensor)}
        self.shapes, self.metadata, self.take = {k: tuple(t.shape) for k, t in tensors.items()}, {}, tensors.__getitem__


def _quiet() -> None:
    """diffusers and transformers speak of lacking accelerators and of downloads; nothing of that concerns us."""
    import os

    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")


def empty_unet(anatomy: Anatomy) -> nn.Module:
    """diffusers' U-Net without weights."""
    _quiet()
    from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

    with torch.device("meta"):
        return UNet2DConditionModel(**anatomy.unet)


def build_unet(file: TensorFile, anatomy: Anatomy, dtype: torch.dtype, device: torch.device) -> nn.Module:
    """diffusers' U-Net with the file's weights."""
    unet = empty_unet(anatomy)
    names = {name: ldm_unet_weight(name, torch.empty(0), anatomy.family)[0] for name in unet.state_dict()}
    return _filled(unet, lambda name: file.take(names[name]), names, file, dtype, device)


def build_vae(file: TensorFile, prefix: str, dtype: torch.dtype, device: torch.device) -> nn.Module:
    """diffusers' VAE with the weights below ``prefix``: "first_stage_model." in checkpoints, "" in VAE files."""
    _quiet()
    from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

    settings = vae_settings(file.shapes, prefix, str(file.path))
    with torch.device("meta"):
        vae = AutoencoderKL(**settings)
    strip = len("first_stage_model.")
    names = {name: prefix + ldm_vae_weight(name, torch.empty(0))[0][strip:] for name in vae.state_dict()}
    return _filled(vae, lambda name: file.take(names[name]), names, file, dtype, device)


def empty_texts(anatomy: Anatomy) -> list[Any]:
    """transformers' text encoders without weights: CLIP-L, or SD2's with its last layer left out, or SDXL's two."""
    _quiet()
    from transformers.models.clip.configuration_clip import CLIPTextConfig
    from transformers.models.clip.modeling_clip import CLIPTextModel, CLIPTextModelWithProjection

    found = []
    for prefix, settings in zip(TEXT_PREFIXES[anatomy.family], anatomy.texts, strict=True):
        if anatomy.family == "sd2":
            settings = settings | {"num_hidden_layers": settings["num_hidden_layers"] - 1}
        projects = anatomy.family == "sdxl" and prefix.endswith(".model.")
        with torch.device("meta"):
            found.append((CLIPTextModelWithProjection if projects else CLIPTextModel)(CLIPTextConfig(**settings)))
    return found


def build_texts(file: TensorFile, anatomy: Anatomy, dtype: torch.dtype, device: torch.device) -> list[nn.Module]:
    """The text encoders with the file's weights."""
    built: list[nn.Module] = []
    for prefix, encoder in zip(TEXT_PREFIXES[anatomy.family], empty_texts(anatomy), strict=True):
        open_clip = prefix.endswith(".model.")
        names = {name: prefix + (_open_clip_name(name) if open_clip else name) for name in encoder.state_dict()}
        encoder = _filled(encoder, _reader(file.take, names, open_clip), names, file, dtype, device)
        positions = torch.arange(encoder.config.max_position_embeddings, device=device)[None]
        encoder.text_model.embeddings.register_buffer("position_ids", positions, persistent=False)
        built.append(encoder)
    return built


_OPEN_CLIP = (
    ("text_model.encoder.layers.", "transformer.resblocks."),
    ("text_model.embeddings.token_embedding.weight", "token_embedding.weight"),
    ("text_model.embeddings.position_embedding.weight", "positional_embedding"),
    ("text_model.final_layer_norm.", "ln_final."),
    ("text_projection.weight", "text_projection"),
    (".layer_norm1.", ".ln_1."),
    (".layer_norm2.", ".ln_2."),
    (".mlp.fc1.", ".mlp.c_fc."),
    (".mlp.fc2.", ".mlp.c_proj."),
    (".self_attn.out_proj.", ".attn.out_proj."),
    (".self_attn.q_proj.", ".attn.in_proj_"),
    (".self_attn.k_proj.", ".attn.in_proj_"),
    (".self_attn.v_proj.", ".attn.in_proj_"),
)


def _open_clip_name(name: str) -> str:
    for ours, theirs in _OPEN_CLIP:
        name = name.replace(ours, theirs)
    return name


def _reader(take: Take, names: Mapping[str, str], open_clip: bool) -> Take:
    def read(name: str) -> Tensor:
        tensor = take(names[name])
        if not open_clip:
            return tensor
        for place, part in enumerate((".q_proj.", ".k_proj.", ".v_proj.")):
            if part in name:
                return tensor.chunk(3)[place]
        return tensor.t() if name == "text_projection.weight" else tensor

    return read


def _filled(
    module: Any, take: Take, names: Mapping[str, str], file: TensorFile, dtype: torch.dtype, device: torch.device
) -> Any:
    missing = [key for key in names.values() if key not in file.shapes]
    if missing:
        raise ModelFileError(
            f"{file.path}: {len(missing)} tensors are missing, such as {missing[0]}; take another copy"
        )
    tensors = {}
    for name, empty in module.state_dict().items():
        tensor = take(name)
        if tensor.numel() != empty.numel():
            raise ModelFileError(f"{file.path}: {names[name]} has {tuple(tensor.shape)}, not {tuple(empty.shape)}")
        tensors[name] = tensor.reshape(empty.shape).to(device=device, dtype=dtype).contiguous()
    module.load_state_dict(tensors, assign=True)
    return module.eval().requires_grad_(False)
