"""Files that LyCORIS itself writes, with random numbers, of every kind that it has and that is read here."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from lib_train.networks.targets import Target

_DORA = {"weight_decompose": True, "wd_on_out": False}
_TUCKER = {"use_tucker": True}
FILES: dict[str, tuple[str, dict[str, Any]]] = {
    "LoRA": ("locon", {}),
    "LoRA, rs_lora": ("locon", {"rs_lora": True}),
    "LoRA, use_scalar": ("locon", {"use_scalar": True}),
    "LoCon (Tucker)": ("locon", _TUCKER),
    "DoRA": ("locon", _DORA),
    "DoRA (Tucker)": ("locon", _DORA | _TUCKER),
    "LoHa": ("loha", {}),
    "LoHa, use_scalar": ("loha", {"use_scalar": True}),
    "LoHa (Tucker)": ("loha", _TUCKER),
    "LoHa with DoRA": ("loha", _DORA),
    "LoHa with DoRA (Tucker)": ("loha", _DORA | _TUCKER),
    "LoKr": ("lokr", {}),
    "LoKr, factor": ("lokr", {"factor": 2}),
    "LoKr, unbalanced_factorization": ("lokr", {"unbalanced_factorization": True}),
    "LoKr, decompose_both": ("lokr", {"decompose_both": True}),
    "LoKr, full_matrix": ("lokr", {"full_matrix": True}),
    "LoKr (Tucker)": ("lokr", _TUCKER),
    "LoKr with DoRA": ("lokr", _DORA),
    "LoKr with DoRA, full_matrix": ("lokr", _DORA | {"full_matrix": True}),
    "LoKr with DoRA (Tucker)": ("lokr", _DORA | _TUCKER),
    "IA3": ("ia3", {}),
    "Full": ("full", {}),
    "Norm": ("norm", {}),
    "OFT": ("diag-oft", {}),
    "OFT, constraint": ("diag-oft", {"constraint": 0.01}),
    "OFT, rescaled": ("diag-oft", {"rescaled": True}),
    "BOFT": ("boft", {}),
    "BOFT, constraint and rescaled": ("boft", {"constraint": 0.01, "rescaled": True}),
    "GLoRA": ("glora", {}),
}
"""Kind of a file, as ``KINDS`` has it, and behind a comma other settings -> LyCORIS' name for it and settings."""
NEEDS_BASE = [way for way in FILES if any(kind in way for kind in ("DoRA", "IA3", "OFT", "GLoRA"))]
NOT_TRAINED = [way for way in FILES if way.partition(",")[0] in ("OFT", "BOFT", "GLoRA")]
"""Which nothing here trains."""
RANK, ALPHA = 2, 1.5


def written_by_lycoris(
    way: str, targets: Iterable[Target], path: Path, dtype: torch.dtype | None = torch.float16, seed: int = 0
) -> dict[str, Tensor]:
    """A file on those of the targets that the kind is for; returns its tensors.

    Args:
        dtype: as sd-scripts hands it over, for all tensors; None for LyCORIS' own.
    """
    from lycoris import kohya, wrapper
    from lycoris.modules.norms import NormModule

    algo, settings = FILES[way]
    network: Any = kohya.LycorisNetworkKohya.__new__(kohya.LycorisNetworkKohya)
    nn.Module.__init__(network)
    for target in targets:
        if (target.kind == "norm") != (algo == "norm"):
            continue
        on_input = target.kind != "linear" or target.name.endswith("ff_net_2")
        made = {"norm": NormModule, **wrapper.network_module_dict}[algo]
        sizes = () if algo == "norm" else (RANK, ALPHA)
        adapter = made(target.name, target.module, 1.0, *sizes, **settings, train_on_input=on_input)
        _draw(adapter, seed)
        network.add_module(target.name, adapter)
    network.save_weights(str(path), dtype, {"ss_base_model_version": "sd_v1", "ss_network_module": "lycoris.kohya"})
    return load_file(path)


@torch.no_grad()
def _draw(adapter: Any, seed: int) -> None:
    chance = torch.Generator().manual_seed(seed)
    for name, parameter in adapter.named_parameters():
        drawn = torch.randn(parameter.shape, generator=chance)
        parameter.data = parameter * (1 + 0.2 * drawn) if name == "dora_scale" else 0.4 * drawn
