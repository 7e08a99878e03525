"""Where in a model a layer of a network file stands, whichever program named it."""

import re
from typing import NamedTuple

from lib_train.errors import ModelFileError
from lib_train.networks.keys import diffusers_unet_name, kohya_text_name, kohya_unet_name, ldm_unet_name
from lib_train.texts import say

UNET, TEXT, TEXT_2 = "unet", "text_encoder", "text_encoder_2"
_WORDS = (
    "down_blocks", "up_blocks", "mid_block", "transformer_blocks", "to_q", "to_k", "to_v", "to_out", "proj_in",
    "proj_out", "time_emb_proj", "conv_shortcut", "conv_in", "conv_out", "conv_norm_out", "time_embedding",
    "add_embedding", "linear_1", "linear_2", "input_blocks", "middle_block", "output_blocks", "in_layers", "out_layers",
    "emb_layers", "skip_connection", "time_embed", "label_emb", "text_model", "self_attn", "q_proj", "k_proj", "v_proj",
    "out_proj", "layer_norm1", "layer_norm2", "final_layer_norm", "text_projection", "token_embedding",
    "position_embedding",
)  # fmt: skip
_DOTTED = re.compile("|".join([*sorted(_WORDS, key=len, reverse=True), "[^_]+"]))
"""The parts of a kohya's name: those of ``_WORDS`` keep their underscores, the other underscores were points."""
_KOHYA = re.compile(r"lora_(unet|te1|te2|te)_(.+)")
_OWNERS = (
    ("base_model.model.", ""), ("model.diffusion_model.", UNET), ("diffusion_model.", UNET), ("lora_unet.", UNET),
    ("unet.", UNET), ("text_encoders.clip_l.transformer.", TEXT), ("text_encoders.clip_g.transformer.", TEXT_2),
    ("clip_l.", TEXT), ("clip_g.", TEXT_2), ("lora_te1.", TEXT), ("lora_te2.", TEXT_2), ("lora_te.", TEXT),
    ("text_encoder_2.", TEXT_2), ("text_encoder.", TEXT),
)  # fmt: skip
"""How dotted names begin: PEFT's, ComfyUI's, OneTrainer's and diffusers'."""
_LDM = re.compile(r"(input_blocks|middle_block|output_blocks|time_embed|label_emb|out)\.")
_IN_TEXT = re.compile(r"(text_model\.)?(encoder\.layers\.\d+\..+|embeddings\..+|final_layer_norm)|text_projection")
_IN_SDXL = re.compile(
    r"transformer_blocks\.[1-9]|^up_blocks\.0\.attentions|^output_blocks\.[012]\.1\.(?!conv)|^label_emb|^add_embedding"
)
_NOT_IN_SDXL = re.compile(
    r"^down_blocks\.(0\.attentions|2\.downsamplers|3)|^up_blocks\.(2\.attentions|2\.upsamplers|3)|"
    r"^input_blocks\.([12]\.1|9|1\d)\.|^output_blocks\.([678]\.1|9|1\d)\."
)


class Place(NamedTuple):
    """A layer's place in a diffusers pipeline."""

    component: str
    """``UNET``, ``TEXT`` or ``TEXT_2``; empty where the name leaves open which text encoder it is."""
    path: str
    """Name in that module, with points: diffusers' or ldm's in a U-Net, transformers' in a text encoder."""


def place_of(name: str) -> Place:
    """The place of a layer, from its name alone.

    >>> place_of("lora_te2_text_model_encoder_layers_0_mlp_fc1")
    Place(component='text_encoder_2', path='text_model.encoder.layers.0.mlp.fc1')
    >>> place_of("base_model.model.unet.mid_block.attentions.0.attn1.processor.to_out")
    Place(component='unet', path='mid_block.attentions.0.attn1.to_out.0')
    """
    if found := _KOHYA.fullmatch(name):
        component = {"unet": UNET, "te2": TEXT_2, "te1": TEXT, "te": TEXT}[found[1]]
        return Place(component, ".".join(_DOTTED.findall(found[2])))
    component, path = "", name
    for start, owner in _OWNERS:
        if path.startswith(start):
            component, path = owner or component, path.removeprefix(start)
    path = path.replace(".processor.", ".")
    if component == UNET or not _IN_TEXT.fullmatch(path):
        return Place(component or UNET, path + (".0" if path.endswith(".to_out") else ""))
    renamed = re.sub(r"self_attn\.to_(q|k|v|out)$", r"self_attn.\1_proj", path)
    return Place(component, renamed)


def is_sdxl(places: list[Place]) -> bool | None:
    """Whether layers are SDXL's, from their places; None where they could be of any family."""
    paths = [place.path for place in places if place.component == UNET]
    if any(place.component == TEXT_2 for place in places) or any(_IN_SDXL.search(path) for path in paths):
        return True
    return False if any(_NOT_IN_SDXL.search(path) for path in paths) else None


def kohya_name(place: Place, family: str) -> str:
    """The layer's name in kohya's files.

    Args:
        family: "sd1", "sd2" or "sdxl".

    Raises:
        KeyError: there is no such layer.
    """
    if place.component != UNET:
        if not _IN_TEXT.fullmatch(place.path) or (place.component == TEXT_2 and family != "sdxl"):
            raise KeyError(place.path)
        return kohya_text_name(place.path, family, int(place.component == TEXT_2))
    path = place.path
    if _LDM.match(path):
        path = diffusers_unet_name(path, family) or ""
    ldm_unet_name(path, family)  # is there such a layer?
    return kohya_unet_name(path, family)


def dotted_name(name: str) -> str:
    """diffusers' name of the layer that kohya's files call ``name``, with the component before it.

    >>> dotted_name("lora_unet_input_blocks_4_1_proj_in")
    'unet.down_blocks.1.attentions.0.proj_in'

    Raises:
        ModelFileError: there is no such layer.
    """
    component, path = place_of(name)
    if component == UNET and _LDM.match(path):
        path = diffusers_unet_name(path, "sdxl") or ""
    if not _KOHYA.fullmatch(name) or not path:
        raise ModelFileError(
            say("{name}: is no layer of Stable Diffusion's U-Net or text encoders that is known here", name=name)
        )
    return f"{component}.{path}"
