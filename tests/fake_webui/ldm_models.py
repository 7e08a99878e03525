"""ldm's classes put together as the WebUI's ``SdModel``, and checkpoints of ``tests.tiny`` read into them.

Unlike ``modules`` this is imported once for all tests: what it makes and keeps has the classes of one import of ldm.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import open_clip
import torch
from ldm.models.autoencoder import AutoencoderKL
from ldm.modules.attention import BasicTransformerBlock, SpatialTransformer
from ldm.modules.diffusionmodules.openaimodel import UNetModel
from ldm.modules.diffusionmodules.util import timestep_embedding
from ldm.modules.encoders.modules import FrozenCLIPEmbedder, FrozenOpenCLIPEmbedder
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from tests.tokenizers import tokenizer_in


class SdModel(nn.Module):
    """What the WebUI keeps in ``shared.sd_model``: parts under the names of a checkpoint file."""

    def __init__(self, family: str, folder: Path) -> None:
        super().__init__()
        self.family, sdxl = family, family == "sdxl"
        self.is_sd1, self.is_sd2, self.is_sdxl = family == "sd1", family == "sd2", sdxl
        self.is_sd3 = self.is_ssd = self.is_sdxl_inpaint = self.lowvram = False
        self.parameterization, self.scale_factor = "eps", 0.13025 if sdxl else 0.18215
        self.model = nn.Module()
        self.model.diffusion_model = _sdxl_unet() if sdxl else _unet(family)
        self.model.conditioning_key = "crossattn"  # type: ignore[assignment]
        parts = {"ch": 32, "ch_mult": (1, 1, 1, 1), "num_res_blocks": 1, "attn_resolutions": (), "z_channels": 4,
                 "double_z": True, "resolution": 64, "in_channels": 3, "out_ch": 3}  # fmt: skip
        loss = {"target": "torch.nn.Identity"}
        self.first_stage_model = (DrawingAutoencoder if sdxl else AutoencoderKL)(parts, loss, 4)
        arch = {"width": 64, "layers": 3 if family == "sd2" else 2, "heads": 1, "inner": 128}
        if sdxl:
            self.conditioner: Any = nn.Module()
            first = FrozenCLIPEmbedder(str(folder), "cpu", layer="hidden", layer_idx=1)
            second = OpenClipWithPooled(arch, "", "cpu", layer="penultimate")
            self.conditioner.embedders = nn.ModuleList([first, second, *(SizeEmbedder() for _ in range(3))])
        elif family == "sd2":
            self.cond_stage_model = FrozenOpenCLIPEmbedder(arch, "", "cpu", layer="penultimate")
        else:
            self.cond_stage_model = FrozenCLIPEmbedder(str(folder), "cpu")

    def text_encoders(self) -> list[Any]:
        found = self.conditioner.embedders[:2] if self.is_sdxl else [self.cond_stage_model]
        plain = [getattr(embedder, "wrapped", embedder) for embedder in found]
        return [getattr(embedder, "transformer", None) or embedder.model for embedder in plain]

    def hijack(self) -> None:
        """Put the prompts' wrappers around the text encoders."""
        from modules import sd_hijack

        if self.is_sdxl:
            for index in (0, 1):
                self.conditioner.embedders[index] = sd_hijack.EmbedderWithCustomWords(self.conditioner.embedders[index])
        else:
            self.cond_stage_model = sd_hijack.EmbedderWithCustomWords(self.cond_stage_model)


def copy_of(path: Path, family: str) -> SdModel:
    """A file's model, the caller's own: built once, of which every further one is a copy."""
    made: SdModel = _twin(_read(path, family, path.stat().st_mtime_ns))
    return made


def _twin(module: Any) -> Any:
    """``deepcopy`` in a fifth of its time: weights and tables are new, tokenizers and the like are the same."""
    made = module.__class__.__new__(module.__class__)
    made.__dict__.update(
        {name: one.copy() if isinstance(one, dict | set) else one for name, one in vars(module).items()}
    )
    for name, child in module._modules.items():
        made._modules[name] = child if child is None else _twin(child)
    for name, parameter in made._parameters.items():
        if parameter is not None:
            made._parameters[name] = nn.Parameter(parameter.detach().clone(), parameter.requires_grad)
    for name, buffer in made._buffers.items():
        made._buffers[name] = None if buffer is None else buffer.clone()
    return made


@lru_cache(maxsize=4)
def _read(path: Path, family: str, changed: int) -> SdModel:
    with patch.object(CLIPTokenizer, "from_pretrained", tokenizer_in):  # each would be made anew, in 0.2 s
        model = SdModel(family, _text_model_folder(path.parent))
    found = model.load_state_dict(load_file(path), strict=False)
    left_out = {name.rpartition(".")[2] for name in found.missing_keys}
    assert set(found.unexpected_keys) <= {"v_pred", "ztsnr"}  # which the WebUI does not read
    assert left_out <= {"text_projection"}, found.missing_keys
    return model


def _text_model_folder(folder: Path) -> Path:
    """A CLIP model without anything learned, for ldm's embedder to open."""
    from lib_train.models.embedded import TOKENIZER_FOLDER

    made = folder / "text_model"
    if not made.exists():
        sizes = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 1}
        CLIPTextModel(CLIPTextConfig(**sizes)).save_pretrained(made)
        CLIPTokenizer.from_pretrained(TOKENIZER_FOLDER).save_pretrained(made)
    tokenizer = CLIPTokenizer.from_pretrained(made)
    open_clip.tokenizer._tokenizer = open_clip.SimpleTokenizer(tokenizer)
    return made


def _unet(family: str) -> UNetModel:
    return UNetModel(
        image_size=8, in_channels=4, model_channels=32, out_channels=4, num_res_blocks=2, channel_mult=(1, 1, 2, 2),
        attention_resolutions=(1, 2, 4), use_spatial_transformer=True, context_dim=64, legacy=False,
        use_linear_in_transformer=family == "sd2", use_checkpoint=family == "sd2",
        **({"num_head_channels": 32} if family == "sd1" else {"num_heads": 1}),
    )  # fmt: skip


def _sdxl_unet() -> UNetModel:
    """sgm's: a vector beside the time, and two blocks to a transformer at the lowest level."""
    unet = UNetModel(
        image_size=8, in_channels=4, model_channels=32, out_channels=4, num_res_blocks=2, channel_mult=(1, 2, 2),
        attention_resolutions=(2, 4), use_spatial_transformer=True, context_dim=128, legacy=False, num_heads=1,
        use_linear_in_transformer=True, num_classes=1,
    )  # fmt: skip
    unet.label_emb = nn.Sequential(nn.Sequential(nn.Linear(6 * 256 + 64, 128), nn.SiLU(), nn.Linear(128, 128)))
    lowest = [*unet.input_blocks[7:], unet.middle_block, *unet.output_blocks[:3]]
    for module in (module for block in lowest for module in block if isinstance(module, SpatialTransformer)):
        module.transformer_blocks.append(BasicTransformerBlock(64, 1, 64, context_dim=128, checkpoint=False))
        module.__class__ = DeepTransformer
    return unet


class DeepTransformer(SpatialTransformer):
    def forward(self, x: Tensor, context: Tensor) -> Tensor:
        found: Tensor = super().forward(x, [context] * len(self.transformer_blocks))
        return found


class DrawingAutoencoder(AutoencoderKL):
    """sgm's ``encode`` draws a sample."""

    def encode(self, x: Tensor) -> Any:
        return super().encode(x).sample()


class SizeEmbedder(nn.Module):
    """sgm's ConcatTimestepEmbedderND: 256 numbers for each."""

    def forward(self, numbers: Tensor) -> Tensor:
        return timestep_embedding(numbers.flatten(), 256).view(len(numbers), -1)


class OpenClipWithPooled(FrozenOpenCLIPEmbedder):
    """sgm's FrozenOpenCLIPEmbedder2: the states before the last layer, and the end token's of the last."""

    def encode_with_transformer(self, text: Tensor) -> dict[str, Tensor]:
        model = self.model
        x = (model.token_embedding(text) + model.positional_embedding).permute(1, 0, 2)
        penultimate = self.text_transformer_forward(x, attn_mask=model.attn_mask)
        last = model.ln_final(model.transformer.resblocks[-1](penultimate, model.attn_mask).permute(1, 0, 2))
        pooled = last[torch.arange(len(text)), text.argmax(-1)] @ model.text_projection
        return {"penultimate": penultimate.permute(1, 0, 2), "pooled": pooled}
