"""A ``BaseModel`` made of the WebUI's loaded checkpoint: ldm or sgm modules."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from lib_train.errors import HostModelError
from lib_train.host.protocol import Conditioning, Identity, InTraining, ModelSize, Moments
from lib_train.host.shared.checkpointing import checkpointed
from lib_train.host.shared.emphasis import emphasised
from lib_train.host.shared.faults import vae_fault
from lib_train.host.shared.fingerprints import fingerprint
from lib_train.host.shared.prompts import CHUNK, caption_chunks
from lib_train.host.shared.sides import own_side
from lib_train.host.shared.transfer import sent
from lib_train.host.webui.live import offered
from lib_train.host.webui.noise import noise_of
from lib_train.networks.targets import targets_of
from lib_train.texts import say
from lib_train.vocabulary import FAMILIES

_CHECKPOINTED = ("BasicTransformerBlock", "ResBlock", "CLIPEncoderLayer", "ResidualAttentionBlock")


def family_of(sd_model: Any) -> str:
    """ "sd1", "sd2" or "sdxl".

    Raises:
        HostModelError: this kind of checkpoint cannot be trained; says which it is.
    """
    kind = _unsupported(sd_model)
    if kind:
        raise HostModelError(
            say("the loaded checkpoint is {kind}, which cannot be trained: load an SD1, SD2 or SDXL one", kind=kind)
        )
    return next(family for family in FAMILIES if getattr(sd_model, f"is_{family}", False))


def _unsupported(sd_model: Any) -> str | None:
    if hasattr(sd_model, "forge_objects"):
        return say("held by Forge or reForge")
    if getattr(sd_model, "is_sd3", False):
        return say("an SD3 model")
    if getattr(sd_model, "is_ssd", False):
        return say("an SSD-1B model")
    known = _unsupported_sdxl(sd_model) if getattr(sd_model, "is_sdxl", False) else _unsupported_ldm(sd_model)
    inputs = sd_model.model.diffusion_model.in_channels
    return known if known or inputs == 4 else say("a model with {inputs} input channels", inputs=inputs)


def _unsupported_sdxl(sd_model: Any) -> str | None:
    if getattr(sd_model, "is_sdxl_inpaint", False):
        return say("an inpainting model")
    texts = [embedder for embedder in sd_model.conditioner.embedders if hasattr(embedder, "wrapped")]
    return None if len(texts) == 2 else say("an SDXL refiner")


def _unsupported_ldm(sd_model: Any) -> str | None:
    if getattr(sd_model, "cond_stage_key", "") == "edit":
        return say("an instruct-pix2pix model")
    if getattr(sd_model.model, "conditioning_key", "crossattn") != "crossattn":
        return say("an inpainting, depth or unclip model")
    if type(getattr(sd_model.cond_stage_model, "wrapped", None)).__name__.startswith("Bert"):
        return say("an Alt-Diffusion model")
    known = any(getattr(sd_model, f"is_{family}", False) for family in ("sd1", "sd2"))
    return None if known else say("of an unknown kind")


class WebuiModel:
    """Implements ``BaseModel``. ``sd_model`` is the WebUI's own; nothing of it is copied."""

    def __init__(
        self,
        sd_model: Any,
        device: torch.device,
        identity: Identity,
        between_steps: Callable[[int, int, Any], bool],
        set_aside: Callable[[], AbstractContextManager[Callable[[], None]]],
    ) -> None:
        self.sd_model, self.device, self.identity = sd_model, device, identity
        self.family = family_of(sd_model)
        noise = noise_of(sd_model)
        self.prediction_type, self.alphas_cumprod = noise.prediction_type, noise.alphas_cumprod
        self.noise_notes, self.noise_mismatches = noise.notes, noise.mismatches
        self.unet: nn.Module = sd_model.model.diffusion_model
        self.between_steps, self.set_aside = between_steps, set_aside
        sdxl = self.family == "sdxl"
        self._wrappers: list[Any] = list(sd_model.conditioner.embedders[:2]) if sdxl else [sd_model.cond_stage_model]
        self.text_encoders: Sequence[nn.Module] = [
            wrapper.wrapped.transformer if hasattr(wrapper.wrapped, "transformer") else wrapper.wrapped.model
            for wrapper in self._wrappers
        ]

    def vae_key(self) -> str:
        return f"{self.sd_model.scale_factor}/{fingerprint([self.sd_model.first_stage_model])}"

    def text_key(self) -> str:
        return f"{self.family}/{fingerprint(self.text_encoders)}"

    @torch.no_grad()
    def encode_images(self, pixels: Tensor) -> Moments:
        vae, scale = self.sd_model.first_stage_model, float(self.sd_model.scale_factor)
        with _in_float(vae, on=self.family == "sdxl"):
            kind = next(vae.parameters()).dtype
            found = _distribution(vae, pixels.to(self.device, kind))
            mean, std = found.mean.float() * scale, found.std.float() * scale
        return Moments(mean, std)

    def vae_fault(self) -> str:
        vae = self.sd_model.first_stage_model
        kind = torch.float32 if self.family == "sdxl" else next(vae.parameters()).dtype
        way_out = say("choose a VAE made for fp16 as SD VAE, or start the WebUI with --no-half-vae")
        return vae_fault(vae, self.identity.vae_title or self.identity.title, kind, way_out)

    def tokens_of(self, caption: str) -> list[int]:
        """Ids of a caption, without begin and end; all text encoders count alike."""
        found: list[int] = self._wrappers[0].tokenize([caption])[0]
        return found

    def encode_captions(
        self, captions: Sequence[str], clip_skip: int, max_token_length: int, weighted: bool = False
    ) -> Conditioning:
        texts = [caption_chunks(caption, self.tokens_of, max_token_length, weighted) for caption in captions]
        count = max(map(len, texts))
        flat = [chunk for chunks in texts for chunk in [*chunks, *[[]] * (count - len(chunks))]]
        states, pooled = [], None
        for wrapper in self._wrappers:
            rows = [_row([token for token, _ in chunk], wrapper) for chunk in flat]
            hidden, found = self._encoded(wrapper, sent(torch.tensor(rows), self.device), clip_skip)
            states.append(emphasised(hidden, flat))
            pooled = found if found is not None else pooled
        context = torch.cat(states, -1)
        pooled = None if pooled is None else pooled.reshape(len(captions), count, -1)[:, 0]
        return Conditioning(context.reshape(len(captions), -1, context.shape[-1]), pooled)

    def _encoded(self, wrapper: Any, ids: Tensor, clip_skip: int) -> tuple[Tensor, Tensor | None]:
        inner = wrapper.wrapped
        if not hasattr(inner, "transformer"):  # open_clip
            out = inner.encode_with_transformer(ids)
            return (out["penultimate"], out["pooled"]) if isinstance(out, dict) else (out, None)
        out = inner.transformer(input_ids=ids, output_hidden_states=True)
        if self.family == "sdxl":
            return out.hidden_states[inner.layer_idx], None
        if clip_skip == 1:
            return out.last_hidden_state, None
        return inner.transformer.text_model.final_layer_norm(out.hidden_states[-clip_skip]), None

    def predict(self, latents: Tensor, timesteps: Tensor, condition: Conditioning, sizes: Tensor) -> Tensor:
        unet: Any = self.unet
        weights = next(unet.parameters()).dtype
        kind = weights if weights.itemsize > 1 else torch.float32  # fp8 is for keeping weights, not for computing
        added = {}
        if self.family == "sdxl":
            assert condition.pooled is not None, "SDXL's captions have a pooled part"
            embedders = self.sd_model.conditioner.embedders[2:5]
            parts = [embed(sizes[:, 2 * i : 2 * i + 2].float()) for i, embed in enumerate(embedders)]
            added = {"y": torch.cat([condition.pooled.to(kind), *(part.to(kind) for part in parts)], 1)}
        output: Tensor = unet(latents.to(kind), timesteps=timesteps, context=condition.context.to(kind), **added)
        return output

    def offering(self, network: InTraining) -> AbstractContextManager[str]:
        return offered(network, self.family)

    def checkpointed(self, on: bool) -> Any:
        return checkpointed([self.unet, *self.text_encoders] if on else [], _CHECKPOINTED)


def _row(ids: Sequence[int], wrapper: Any) -> list[int]:
    """77 ids of a chunk, padded as this encoder's prompts are."""
    full = [wrapper.id_start, *ids, wrapper.id_end]
    return full + [wrapper.id_pad] * (CHUNK + 2 - len(full))


def _distribution(vae: Any, pixels: Tensor) -> Any:
    """The encoder's distribution. Called on the class: the WebUI wraps the instance's encode, and sgm's one draws."""
    kinds: list[Any] = [kind for kind in type(vae).__mro__ if "encode" in vars(kind)]
    plain = next((kind for kind in kinds if kind.__name__ == "AutoencoderKL"), kinds[0])
    return plain.encode(vae, pixels)


@contextmanager
def _in_float(module: nn.Module, *, on: bool) -> Iterator[None]:
    """While entered, the module is in float32: SDXL's VAE overflows in 16 bits. The exact weights are restored."""
    before = next(module.parameters()).dtype
    if not on or before == torch.float32:
        yield
        return
    module.float()
    try:
        yield
    finally:
        module.to(before)


def size_of(model: WebuiModel, vae: nn.Module, image_size: object) -> ModelSize:
    """Size of the model, and of a network on it.

    Args:
        image_size: as its description has it.
    """
    layers = tuple(target.layer for target in targets_of(model.family, model.unet, model.text_encoders))
    weights = {"unet": _count([model.unet]), "text_encoder": _count(model.text_encoders), "vae": _count([vae])}
    unet: Any = model.unet
    side = own_side(model.family, model.prediction_type, unet.model_channels, image_size)
    return ModelSize(
        model.family, weights, layers, unet.model_channels, model.noise_notes, side, model.prediction_type,
        model.noise_mismatches,
    )  # fmt: skip


def _count(modules: Sequence[nn.Module]) -> int:
    return sum(parameter.numel() for module in modules for parameter in module.parameters())
