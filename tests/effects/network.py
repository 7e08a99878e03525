"""What each setting of the network does."""

from tests.effects.probes import accepted, on_wide_layer, weights
from tests.effects.table import Effect

_FULL, _IA3, _LOKR, _LOHA = ({"network_type": kind} for kind in ("full", "ia3", "lokr", "loha"))
_DORA = {"dora_wd": True}
_TLORA = {"tlora": True}
_CONVS = {"conv_dim": 2}
_NO_CONVS = {"network_preset": "unet-transformer-only"}
_TWOS = (2,) * 25

EFFECTS = {
    "network_type": Effect("loha", weights),
    "network_dim": Effect(2, weights, idle=(_FULL, _IA3)),
    "network_alpha": Effect(2, weights, idle=(_FULL, _IA3)),
    "conv_dim": Effect(2, weights, idle=(_IA3, _NO_CONVS)),
    "conv_alpha": Effect(2, weights, _CONVS, idle=({**_CONVS, **_FULL}, {**_CONVS, **_IA3}, {**_CONVS, **_NO_CONVS})),
    "dora_wd": Effect(True, weights, idle=(_FULL, _IA3, {"network_type": "dora"})),
    "factor": Effect(8, weights, _LOKR, idle=({}, _LOHA)),
    "decompose_both": Effect(True, on_wide_layer, {**_LOKR, "network_dim": 1}, idle=({}, _FULL)),
    "full_matrix": Effect(True, weights, {**_LOKR, "network_dim": 1}, idle=({}, _FULL)),
    "use_tucker": Effect(
        True, weights, _CONVS, idle=({}, {**_CONVS, **_FULL}, {**_CONVS, **_IA3}, {**_CONVS, **_NO_CONVS})
    ),
    "network_init": Effect("pissa", weights),
    "rs_lora": Effect(True, weights),
    "network_dropout": Effect(0.5, weights, idle=(_DORA, {"network_type": "dora"}, _LOHA, _LOKR, _FULL, _IA3)),
    "rank_dropout": Effect(0.5, weights),
    "tlora": Effect(True, weights, idle=(_DORA, {"network_type": "dora"}, _LOHA, _LOKR, _FULL, _IA3)),
    "tlora_min_rank": Effect(3, weights, _TLORA, idle=({}, {**_TLORA, **_LOHA}, {**_TLORA, **_DORA})),
    "tlora_alpha": Effect(4.0, weights, _TLORA, idle=({}, {**_TLORA, **_LOKR}, {**_TLORA, **_FULL})),
    "module_dropout": Effect(0.5, weights),
    "network_weights": Effect("@four.safetensors", weights),
    "dim_from_weights": Effect(True, accepted, {"network_weights": "@three.safetensors"}, idle=({},)),
    "base_weights": Effect(("@four.safetensors",), weights),
    "base_weights_multiplier": Effect((0.5,), weights, {"base_weights": ("@four.safetensors",)}, idle=({},)),
    "block_dims": Effect(_TWOS, weights),
    "block_alphas": Effect(_TWOS, weights, idle=(_FULL, _IA3)),
    "conv_block_dims": Effect(_TWOS, weights, idle=(_IA3, _NO_CONVS)),
    "conv_block_alphas": Effect(
        _TWOS, weights, _CONVS, idle=({}, {**_CONVS, **_FULL}, {**_CONVS, **_IA3}, {**_CONVS, **_NO_CONVS})
    ),
    "network_preset": Effect("unet-transformer-only", weights),
    "train_norm": Effect(True, weights, idle=(_IA3,)),
    "network_layers": Effect(("*mlp*",), weights),
    "network_layers_exclude": Effect(("*mlp*",), weights),
}
