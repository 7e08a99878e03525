"""Which kind of network a file holds, layer by layer, recognised from names and shapes; whatever program wrote it."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from lib_train.texts import joined, say

Shape = tuple[int, ...]
SUPPORTED = (
    "LoRA", "LoCon", "DoRA", "LoCon (Tucker)", "DoRA (Tucker)", "LoHa", "LoHa with DoRA", "LoHa (Tucker)",
    "LoHa with DoRA (Tucker)", "LoKr", "LoKr with DoRA", "LoKr (Tucker)", "LoKr with DoRA (Tucker)", "Full",
    "IA3", "Norm", "OFT", "BOFT", "GLoRA",
)  # fmt: skip
"""Kinds that are read and drawn here. All but the last three are trained, too."""
BUNDLED = "bundle_emb."
"""How the tensors of embeddings begin that stand in a network's file; they are no part of the network."""
_SPELLINGS = {
    "kohya's": (".lora_down.weight", ".lora_up.weight", ".lora_mid.weight"),
    "PEFT's": (
        ".lora_A.weight", ".lora_B.weight", ".lora_magnitude_vector", ".lora_embedding_A", ".lora_embedding_B",
    ),
    "diffusers'": (
        ".lora.down.weight", ".lora.up.weight", ".lora_linear_layer.down.weight", ".lora_linear_layer.up.weight",
        "_lora.down.weight", "_lora.up.weight",
    ),
}  # fmt: skip
"""Who writes the two matrices of a layer under which endings."""
_PEFT_KINDS = (
    ".hada_w1_a", ".hada_w1_b", ".hada_w2_a", ".hada_w2_b", ".hada_t1", ".hada_t2", ".lokr_w1", ".lokr_w1_a",
    ".lokr_w1_b", ".lokr_w2", ".lokr_w2_a", ".lokr_w2_b", ".lokr_t2", ".ia3_l",
)  # fmt: skip
"""How PEFT's other kinds end, most of them as kohya's do."""
_DOTTED_OWNERS = ("lora_", "lycoris_", "diffusion_model.", "model.diffusion_model.", "clip_", "text_encoders.")
"""How OneTrainer's and ComfyUI's dotted names begin."""
_OWN = (
    "alpha", "scale", "dora_scale", "bias", "bias_indices", "bias_values", "bias_size", "hada_w1_a", "hada_w1_b",
    "hada_w2_a", "hada_w2_b", "hada_t1", "hada_t2", "lokr_w1", "lokr_w1_a", "lokr_w1_b", "lokr_w2", "lokr_w2_a",
    "lokr_w2_b", "lokr_t1", "lokr_t2", "oft_blocks", "oft_diag", "oft_r", "oft_R", "oft_R.weight", "boft_R", "boft_s",
    "rescale",    "on_input", "a1.weight", "a2.weight", "b1.weight", "b2.weight", "diff", "diff_b", "w_norm", "b_norm",
    "q_layer.weight", "p_layer.weight", "lambda_layer", "ia3_l", "vera_lambda_b", "vera_lambda_d", "lora_E",
)  # fmt: skip
_ENDINGS = sorted(
    (ending for group in (*_SPELLINGS.values(), tuple(f".{part}" for part in _OWN)) for ending in group),
    key=len,
    reverse=True,
)
_ADAPTER = re.compile(
    r"(\.(?:lora_(?:[AB]|embedding_[AB]|magnitude_vector)|hada_(?:w[12]_[ab]|t[12])|lokr_(?:w[12](?:_[ab])?|t2)|ia3_l))"
    r"(?:\.[^.]+?)??(?:\.weight)?$"
)
"""What PEFT calls an adapter, which may be any word, behind the name of a matrix."""
_LORA = re.compile(r"[._]lora(_down|_up|_mid|_[AB]|\.down|\.up|_linear_layer|_embedding)")
_PREFIXES = ("lora_", "lycoris_", "oft_", "boft_", "hada_", "ia3_")
_KINDS = (
    (("hada_w1_a", "hada_w1_b"), "LoHa"), (("lokr_w1", "lokr_w1_a", "lokr_w2", "lokr_w2_a"), "LoKr"),
    (("boft_R",), "BOFT"),
    (("oft_blocks",), "OFT"), (("oft_diag", "oft_r", "oft_R", "oft_R.weight"), "another OFT"),
    (("on_input", "ia3_l"), "IA3"),
    (("a1.weight", "a2.weight", "b1.weight", "b2.weight"), "GLoRA"), (("q_layer.weight", "p_layer.weight"), "T-LoRA"),
    (("vera_lambda_b", "vera_lambda_d"), "VeRA"), (("lora_E",), "AdaLoRA"), (("diff", "diff_b"), "Full"),
    (("w_norm", "b_norm"), "Norm"),
)  # fmt: skip
_FLUX, _SD3 = say("Flux or a relative of it (Chroma, HunyuanVideo)"), "Stable Diffusion 3"
_LUMINA = say("Lumina or Z-Image")
_FAMILIES = (
    (_FLUX, r"double_blocks[._]\d|single_blocks[._]\d|single_transformer_blocks"),
    (_SD3, r"joint_blocks[._]\d|transformer_blocks[._]\d+[._]attn[._]add_[qkv]_proj"),
    ("Qwen-Image", r"transformer_blocks[._]\d+[._]img_(mod|mlp)"),
    ("Wan", r"(?<!down_)(?<!up_)blocks[._]\d+[._](self_attn|cross_attn)[._]"),
    ("Hunyuan-DiT", r"blocks[._]\d+[._]attn[12][._](Wqkv|q_proj|kv_proj)"),
    (_LUMINA, r"noise_refiner|context_refiner|layers[._]\d+[._]attention[._](qkv|to_[qkv]|w[qkv])"),
    ("AuraFlow", r"double_layers[._]\d|single_layers[._]\d"),
    ("Stable Cascade", r"lora_prior_unet"),
    (say("PixArt or LTX"), r"adaln_single|^transformer\.transformer_blocks\.\d+\.attn1\."),
    (say("a language model"), r"model\.layers\.\d+\.(self_attn|mlp)\.|transformer\.h\.\d+\."),
)
"""Families that are not supported, with parts of their layers' names; the first match counts."""
_ARCHITECTURES = {
    "flux": _FLUX, "chroma": _FLUX, "hunyuan-video": _FLUX, "stable-diffusion-v3": _SD3, "stable-diffusion-3": _SD3,
    "sd3": _SD3, "wan": "Wan", "qwen": "Qwen-Image", "lumina": _LUMINA, "auraflow": "AuraFlow",
    "stable-cascade": "Stable Cascade",
}  # fmt: skip
"""How metadata begins that names such a family."""
_FAMILY_OF_VERSION = (
    ("sdxl", "sdxl"), ("sd_v2", "sd2"), ("sd_v1", "sd1"), ("stable-diffusion-xl", "sdxl"),
    ("stable-diffusion-v2", "sd2"), ("stable-diffusion-v1", "sd1"),
)  # fmt: skip
_FAMILY_OF_WIDTH = {768: "sd1", 1024: "sd2", 2048: "sdxl"}
"""By the width of the captions' conditioning."""
_CONDITIONED = re.compile(r"attn2[._](processor[._])?to_[kv]$")
_INWARD = ("lora_down.weight", "hada_w1_b", "diff", "b2.weight")
"""Parts whose second side is the width of what comes in."""
_GENERIC = {"alpha", "scale", "bias", "bias_indices", "bias_values", "bias_size", "rescale"}
"""Parts that other tensors are called too, or that say nothing alone."""


class Layer(NamedTuple):
    """What a file holds for one layer."""

    kind: str
    """"LoRA", "LoHa", "LoKr", "DoRA", "IA3", "OFT", "BOFT", "GLoRA", "T-LoRA", "Full", "Norm" and so on, with
    "(Tucker)" behind it where a convolution is decomposed further; "unknown" where nothing matches."""
    dim: int | None
    """Its rank, where its kind has one."""
    alpha: str | None
    """Name of the tensor with its alpha."""
    parts: Mapping[str, Shape]
    """Parts as kohya's files call them -> shape."""


def layers_of(shapes: Mapping[str, Shape]) -> dict[str, Layer]:
    """The layers of a network file by name; empty when nothing in it is part of a network."""
    found: dict[str, dict[str, Shape]] = {}
    alphas: dict[str, str] = {}
    for key, shape in shapes.items():
        name, part = split(key)
        if part:
            found.setdefault(name, {})[part] = shape
            if part == "alpha":
                alphas[name] = key
    own = {name: parts for name, parts in found.items() if name.startswith(_PREFIXES) or not _GENERIC.issuperset(parts)}
    return {name: Layer(_kind(p), _dim(p), alphas.get(name), p) for name, p in own.items() if set(p) != {"alpha"}}


def split(key: str) -> tuple[str, str]:
    """Name of the layer and of its part, in kohya's words; the part is empty when this is of no network.

    >>> split("unet.mid_block.attentions.0.proj_in.lora_A.weight")
    ('unet.mid_block.attentions.0.proj_in', 'lora_down.weight')
    """
    key = _without_adapter(key)
    ending = next((ending for ending in _ENDINGS if key.endswith(ending)), "")
    if ending and (ending.startswith("_") or key != ending):
        return key[: -len(ending)], _plain(ending.lstrip("._"))
    name, _, part = key.partition(".")
    return (name, part) if name.startswith(_PREFIXES) else (key, "")


def _without_adapter(key: str) -> str:
    match = _ADAPTER.search(key)
    if not match:
        return key
    return key[: match.end(1)] + (".weight" if match[1] in (".lora_A", ".lora_B") else "")


def _plain(part: str) -> str:
    if part.startswith("lora_magnitude_vector"):
        return "dora_scale"
    if _LORA.match("." + part):
        down = any(mark in part for mark in ("down", "lora_A", "embedding_A"))
        return "lora_mid.weight" if "mid" in part else f"lora_{'down' if down else 'up'}.weight"
    return part


def _kind(parts: Mapping[str, Shape]) -> str:
    kind = next((kind for marks, kind in _KINDS if any(mark in parts for mark in marks)), "")
    kind = kind or ("LoRA" if "lora_down.weight" in parts or "lora_up.weight" in parts else "")
    if kind == "OFT" and len(parts.get("oft_blocks", ())) == 4:
        kind = "BOFT"
    if not kind:
        kind = "IA3" if "weight" in parts else say("unknown")
    if "dora_scale" in parts:
        kind = "DoRA" if kind in ("LoRA", "unknown") else say("{kind} with DoRA", kind=kind)
    if {"lora_mid.weight", "hada_t1", "hada_t2", "lokr_t1", "lokr_t2"} & set(parts):
        return joined("", ("LoCon" if kind == "LoRA" else kind, " (Tucker)"))
    return kind


def _dim(parts: Mapping[str, Shape]) -> int | None:
    for part in ("lora_down.weight", "hada_w1_b", "lokr_w2_b", "lokr_w1_b", "q_layer.weight"):
        if len(parts.get(part, ())) > 1:
            return parts[part][0]
    return min(parts["a1.weight"][:2]) if len(parts.get("a1.weight", ())) > 1 else None


def kinds_of(layers: Mapping[str, Layer]) -> dict[str, int]:
    """Kind -> number of layers, the most frequent first. A LoRA with 3x3 convolutions is a LoCon."""
    kernels = (layer.parts.get("lora_down.weight", ()) for layer in layers.values() if layer.kind == "LoRA")
    lora = "LoCon" if any(len(shape) == 4 and shape[2] > 1 for shape in kernels) else "LoRA"
    counts = Counter(lora if layer.kind == "LoRA" else layer.kind for layer in layers.values())
    return dict(counts.most_common())


def spelling_of(keys: Iterable[str]) -> str:
    """Whose names the file has: "kohya's", "PEFT's", "diffusers'" or, for attention processors, "old diffusers'".

    "dotted" are kohya's parts of layers with points in their names, as OneTrainer writes them.
    """
    for key in (_without_adapter(key) for key in keys):
        if ".processor." in key or "_lora." in key:
            return say("old diffusers'")
        for owner in (say("PEFT's"), say("diffusers'")):
            if key.endswith(_SPELLINGS[owner]):
                return owner
        if key.endswith(_PEFT_KINDS) and "." in split(key)[0]:
            return say("dotted") if key.startswith(_DOTTED_OWNERS) else say("PEFT's")
        if key.endswith(_SPELLINGS["kohya's"]) and "." in split(key)[0]:
            return say("dotted")
    return say("kohya's")


def foreign_family(keys: Sequence[str], metadata: Mapping[str, str] | None = None) -> str:
    """The family of base models that a network is for, where this program does not know it; else empty."""
    metadata = metadata or {}
    declared = " ".join(metadata.get(key, "") for key in ("modelspec.architecture", "ss_base_model_version")).lower()
    for start, family in _ARCHITECTURES.items():
        if any(word.startswith(start) for word in declared.split()):
            return family
    for family, pattern in _FAMILIES:
        if any(re.search(pattern, key) for key in keys):
            return family
    return ""


def family_of(layers: Mapping[str, Layer], metadata: Mapping[str, str] | None = None) -> str:
    """ "sd1", "sd2" or "sdxl", from metadata or else from the layers; empty where neither tells."""
    declared = [(metadata or {}).get(key, "") for key in ("ss_base_model_version", "modelspec.architecture")]
    for start, family in _FAMILY_OF_VERSION:
        if any(version.startswith(start) for version in declared):
            return family
    for name, layer in layers.items():
        if _CONDITIONED.search(name) and (width := _inward(layer)) in _FAMILY_OF_WIDTH:
            return _FAMILY_OF_WIDTH[width]
    return "sdxl" if any(name.startswith(("lora_te2_", "text_encoder_2.")) for name in layers) else ""


def _inward(layer: Layer) -> int:
    factors = [_second_side(layer, parts) for parts in (("lokr_w1", "lokr_w1_b"), ("lokr_w2", "lokr_w2_b"))]
    return _second_side(layer, _INWARD) or factors[0] * factors[1]


def _second_side(layer: Layer, parts: Iterable[str]) -> int:
    shapes = (layer.parts.get(part, ()) for part in parts)
    return next((shape[1] for shape in shapes if len(shape) > 1), 0)


def unsupported(kind: str) -> str:
    """Text for a kind that this program does not know; the same everywhere."""
    return say("{kind}: not supported yet", kind=kind)


def readable() -> str:
    """The kinds that are read here, but for what each may have beside it: "LoRA, LoCon, DoRA ..."."""
    return ", ".join(kind for kind in SUPPORTED if " " not in kind)


def strange_layers(layers: Mapping[str, Layer]) -> list[str]:
    """Names of the layers that are of another kind than most, where they are few: no more than one in eight."""
    counts = Counter(layer.kind for layer in layers.values())
    return [name for name, layer in layers.items() if counts[layer.kind] * 8 <= len(layers)]
