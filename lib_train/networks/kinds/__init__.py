"""Kinds of network, one file each. Only they know the names of parts."""

from lib_train.config.network import NetworkConfig
from lib_train.layer_shapes import LayerShape
from lib_train.networks.kinds import begun, full, glora, ia3, loha, lokr, lora, norm, oft
from lib_train.networks.kinds.dora import dora
from lib_train.networks.ranks import ALPHA, lycoris_args
from lib_train.networks.update import Kind

KINDS: dict[str, Kind] = {
    "LoRA": lora.KIND, "DoRA": dora(lora.KIND, "lora"),
    "LoCon (Tucker)": lora.TUCKER, "DoRA (Tucker)": dora(lora.TUCKER),
    "LoHa": loha.KIND, "LoHa with DoRA": dora(loha.KIND),
    "LoHa (Tucker)": loha.TUCKER, "LoHa with DoRA (Tucker)": dora(loha.TUCKER),
    "LoKr": lokr.KIND, "LoKr with DoRA": dora(lokr.KIND),
    "LoKr (Tucker)": lokr.TUCKER, "LoKr with DoRA (Tucker)": dora(lokr.TUCKER),
    "Full": full.KIND, "IA3": ia3.KIND, "Norm": norm.KIND,
    "OFT": oft.KIND, "BOFT": oft.BUTTERFLY, "GLoRA": glora.KIND,
}  # fmt: skip
"""By the names that ``network_kinds.py`` gives the layers of a file. A LoCon is a LoRA with convolutions."""
_TRAINED = {
    "lora": "LoRA",
    "locon": "LoRA",
    "dora": "DoRA",
    "loha": "LoHa",
    "lokr": "LoKr",
    "full": "Full",
    "ia3": "IA3",
}
"""network_type -> name in ``KINDS``."""
_DECOMPOSED = {"LoRA": "DoRA", "LoHa": "LoHa with DoRA", "LoKr": "LoKr with DoRA"}
"""Names in ``KINDS`` without DoRA -> with it."""
NOT_IN_BF16 = frozenset(part for kind in KINDS.values() for part in kind.not_in_bf16)
"""Parts of any kind that a file never has in bf16."""
CONSTANTS = frozenset((ALPHA, ia3.ON_INPUT))
"""Parts of any kind that are not trained."""
PLUS = frozenset(part for kind in KINDS.values() for part in kind.plus)
"""Parts of any kind that LoRA+ trains faster."""
PRODUCTS = frozenset(part for kind in KINDS.values() if kind.product for part in kind.parts)
"""Parts of kinds whose delta is a product of its parameters; a kind with others beside them is none of these."""


def main_kind(config: NetworkConfig) -> Kind:
    """The kind that these settings choose, which names the program and its arguments in metadata."""
    name, decomposed = _name(config), config.use_tucker and config.trains_convs
    kind = KINDS[_tucker(name) if decomposed and name in ("LoRA", "DoRA") else name]
    if config.train_norm and kind.module != norm.KIND.module:
        return kind._replace(module=norm.KIND.module, args=lambda config: lycoris_args("lora", config))
    return kind


def kind_for(layer: LayerShape, config: NetworkConfig) -> Kind:
    """The kind that these settings train on this layer; its size there is 0 where it leaves the layer alone."""
    if layer.kind == "norm":
        return KINDS["Norm"]
    name = _name(config)
    tucker = KINDS.get(_tucker(name)) if config.use_tucker else None
    if config.network_init != "default":
        return begun.KIND
    return tucker if tucker and tucker.size(layer, config) else KINDS[name]


def _name(config: NetworkConfig) -> str:
    name = _TRAINED[config.network_type]
    return _DECOMPOSED.get(name, name) if config.dora_wd else name


def _tucker(name: str) -> str:
    return "LoCon (Tucker)" if name == "LoRA" else f"{name} (Tucker)"
