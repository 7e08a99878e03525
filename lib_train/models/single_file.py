"""Checkpoint files become diffusers' and transformers' modules, without the network and with one copy in memory."""

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import Tensor

from lib_train.errors import ModelFileError
from lib_train.models.copies import filled_copy
from lib_train.models.embedded import TOKENIZER_FOLDER
from lib_train.models.families import UNET, Anatomy, vae_settings
from lib_train.models.quiet import quiet
from lib_train.models.room import room_for
from lib_train.models.tensor_file import TensorFile, vae_of
from lib_train.networks.keys import ldm_unet_weight, ldm_vae_weight
from lib_train.texts import say

_NO_TENSOR = torch.empty(0)
_READERS = min(4, os.cpu_count() or 1)
"""Threads that read and cast; more than four wait for the memory alone."""


@dataclass(frozen=True)
class Blank:
    """A module on the meta device, and the name of each weight in a file."""

    module: Any
    """Without numbers, and shared by all files of these sizes: it is only looked at."""
    file: TensorFile
    names: Mapping[str, str]
    """Name in the module -> name in the file."""
    turned: Callable[[str, Tensor], Tensor] = lambda name, tensor: tensor
    """Makes a weight of the module of the file's tensor."""

    def __post_init__(self) -> None:
        missing = [name for name in self.names.values() if name not in self.file.shapes]
        if missing:
            raise ModelFileError(
                say(
                    "{path}: {count} tensors are missing, such as {name}; take another copy",
                    path=self.file.path,
                    count=len(missing),
                    name=missing[0],
                )
            )

    @property
    def size(self) -> int:
        """Number of weights."""
        return sum(parameter.numel() for parameter in self.module.parameters())

    def filled(self, dtype: torch.dtype, device: torch.device, *, channels_last: bool = False) -> Any:
        """A module with its weights, frozen and in eval mode.

        Args:
            channels_last: whether kernels of convolutions lie with their channels last.

        Raises:
            ModelFileError: a tensor has another size than the module's weight.
        """

        form = torch.channels_last if channels_last else torch.contiguous_format
        weights = room_for(self.module.state_dict(), dtype, device, form)

        def fill(name: str) -> None:
            tensor, weight = self.turned(name, self.file.take(self.names[name])), weights[name]
            if not tensor.is_floating_point():
                raise ModelFileError(
                    say("{path}: {name} is kept as {kind}; choose a copy of it in fp16, bf16 or fp32",
                        path=self.file.path, name=self.names[name], kind=str(tensor.dtype).removeprefix("torch."))
                )  # fmt: skip
            if tensor.numel() != weight.numel():
                raise ModelFileError(
                    say("{path}: {name} has {shape}, not {wanted}; take another copy", path=self.file.path,
                        name=self.names[name], shape=str(tuple(tensor.shape)), wanted=str(tuple(weight.shape)))
                )  # fmt: skip
            weight.copy_(tensor.reshape(weight.shape))

        names, threads = iter(weights), 1 if device.type == "mps" else _READERS

        def fill_what_is_left() -> None:
            for name in names:
                fill(name)

        with _one_thread_an_operation(), ThreadPoolExecutor(threads) as readers:
            for reader in [readers.submit(fill_what_is_left) for _ in range(threads)]:
                reader.result()
        return filled_copy(self.module, weights).to(device)


@contextmanager
def _one_thread_an_operation() -> Iterator[None]:
    """While entered, new threads compute alone: helpers of each would wait for one another at every small tensor."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


_models: dict[str, Any] = {}
_MOST_MODELS = 16


def _on_meta(settings: object, make: Callable[[], Any]) -> Any:
    """What ``make`` makes, without memory. It is kept: two thirds of a plan's time went into making it again."""
    key = f"{make.__qualname__} {settings!r}"
    if key not in _models:
        if len(_models) >= _MOST_MODELS:
            _models.clear()
        with torch.device("meta"):
            _models[key] = make().eval()
    return _models[key]


def blank_unet(file: TensorFile, anatomy: Anatomy) -> Blank:
    """diffusers' U-Net for the file.

    Raises:
        ModelFileError: layers are missing, or there are more than the family has.
    """
    quiet()
    from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

    unet = _on_meta(anatomy.unet, lambda: UNet2DConditionModel(**anatomy.unet))
    names = {name: ldm_unet_weight(name, _NO_TENSOR, anatomy.family)[0] for name in unet.state_dict()}
    blank = Blank(unet, file, names)
    unread = sorted({name for name in file.shapes if name.startswith(UNET)}.difference(names.values()))
    if unread:
        raise ModelFileError(
            say(
                "{path}: {count} tensors belong to no layer of a plain model, such as {name}; choose "
                "a checkpoint of SD1.x, SD2.x or SDXL",
                path=file.path,
                count=len(unread),
                name=unread[0],
            )
        )
    return blank


def blank_vae(file: TensorFile) -> Blank:
    """diffusers' VAE for a checkpoint or VAE file, whose names may be ldm's or diffusers'.

    Raises:
        ModelFileError: it holds no VAE that can be used.
    """
    quiet()
    from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

    file = vae_of(file)
    settings = vae_settings(file.shapes, str(file.path))
    vae = _on_meta(settings, lambda: AutoencoderKL(**settings))
    names = {n: ldm_vae_weight(n, _NO_TENSOR)[0].removeprefix("first_stage_model.") for n in vae.state_dict()}
    return Blank(vae, file, names)


def blank_texts(file: TensorFile, anatomy: Anatomy) -> list[Blank]:
    """transformers' text encoders for the file: CLIP-L, or SD2's with its last layer left out, or SDXL's two.

    Raises:
        ModelFileError: layers are missing.
    """
    quiet()
    from transformers.models.clip.configuration_clip import CLIPTextConfig
    from transformers.models.clip.modeling_clip import CLIPTextModel, CLIPTextModelWithProjection

    found = []
    for place, (prefix, settings) in enumerate(zip(anatomy.text_prefixes, anatomy.texts, strict=True)):
        kind, config = CLIPTextModelWithProjection if place else CLIPTextModel, CLIPTextConfig(**settings)
        encoder = _on_meta((kind.__name__, settings), lambda kind=kind, config=config: kind(config))  # type: ignore[misc]
        encoder.text_model.embeddings.position_ids = torch.arange(config.max_position_embeddings)[None]
        if prefix.endswith(".model."):
            names = {name: prefix + _open_clip_name(name) for name in encoder.state_dict()}
            found.append(Blank(encoder, file, names, _from_open_clip))
        else:
            found.append(Blank(encoder, file, {name: prefix + name for name in encoder.state_dict()}))
    return found


@cache
def clip_tokenizer() -> Any:
    """CLIP's tokenizer, which all families share, from the files that we ship. It is made once: that takes 0.2 s."""
    quiet()
    from transformers.models.clip.tokenization_clip import CLIPTokenizer

    tokenizer = CLIPTokenizer.from_pretrained(TOKENIZER_FOLDER, local_files_only=True)
    if tokenizer.fix_text is None:  # without ftfy it would cut Chinese words into characters; WebUIs have ftfy
        tokenizer.nlp.tokenize_chinese_chars = False
    return tokenizer


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


def _from_open_clip(name: str, tensor: Tensor) -> Tensor:
    """open_clip keeps q, k and v in one matrix, and its projection the other way round."""
    for place, part in enumerate((".q_proj.", ".k_proj.", ".v_proj.")):
        if part in name:
            return tensor.chunk(3)[place]
    return tensor.t() if name == "text_projection.weight" else tensor
