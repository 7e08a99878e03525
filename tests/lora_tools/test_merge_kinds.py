"""A mix of two files of one kind is the weighted sum of what the WebUI's reader makes of each, by its formulas."""

import pytest
import torch
from safetensors.torch import load_file

from lib_train.config.tools import MergeConfig
from lib_train.errors import ModelFileError
from lib_train.lora_tools.base_file import opened_base
from lib_train.lora_tools.merge import merge
from tests.lora_tools.networks import UNET, chance, distance, little_checkpoint, written

LAYER, O, I, R = f"{UNET}transformer_blocks_0_attn1_to_q", 40, 48, 3  # noqa: E741
WEIGHT = "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight"
SHAPES = {
    "lora": {"lora_up.weight": (O, R), "lora_down.weight": (R, I)},
    "loha": {"hada_w1_a": (O, R), "hada_w1_b": (R, I), "hada_w2_a": (O, R), "hada_w2_b": (R, I)},
    "lokr": {"lokr_w1": (8, 6), "lokr_w2_a": (5, R), "lokr_w2_b": (R, 8)},
    "dora": {"lora_up.weight": (O, R), "lora_down.weight": (R, I), "dora_scale": (1, I)},
}
RANKS = {"lora": 2 * R, "loha": O, "lokr": O, "dora": O}
"""As many as the sum of two has at most."""


def file_of(path, kind, seed):
    random = chance(seed)
    parts = {name: torch.randn(shape, generator=random) * 0.3 for name, shape in SHAPES[kind].items()}
    if "dora_scale" in parts:
        parts["dora_scale"] = parts["dora_scale"].abs() + 1
    return written(path, {f"{LAYER}.{name}": part for name, part in (parts | {"alpha": torch.tensor(2.0)}).items()})


def read(path, weight):
    """What the WebUI adds to the layer's weight, (O, I) in float64.

    Source:
        extensions-builtin/Lora of the WebUI 1.10: network_lora.py, network_hada.py, network_lokr.py, network_full.py,
        and apply_weight_decompose of network.py.
    """
    parts = {key.partition(".")[2]: tensor.double() for key, tensor in load_file(path).items()}
    if "diff" in parts:
        return parts["diff"]
    if "hada_w1_a" in parts:
        one, other = (parts[f"hada_w{n}_a"] @ parts[f"hada_w{n}_b"] for n in (1, 2))
        return one * other * parts["alpha"] / R
    if "lokr_w1" in parts:
        return torch.kron(parts["lokr_w1"], parts["lokr_w2_a"] @ parts["lokr_w2_b"]) * parts["alpha"] / R
    up, down = parts["lora_up.weight"], parts["lora_down.weight"]
    added = parts["alpha"] / down.shape[0] * up @ down
    if "dora_scale" not in parts:
        return added
    whole = weight + added
    return whole / whole.norm(dim=0, keepdim=True) * parts["dora_scale"] - weight


@pytest.mark.parametrize("ranks", [None, "all", 2])
@pytest.mark.parametrize("kind", SHAPES)
def test_mix_is_read_as_the_weighted_sum_of_both(tmp_path, kind, ranks):
    base, to = little_checkpoint(tmp_path / "base.safetensors"), tmp_path / "mix.safetensors"
    weight = load_file(base)[WEIGHT].double()
    files = [file_of(tmp_path / f"{seed}.safetensors", kind, seed) for seed in (1, 2)]
    config = MergeConfig(weights=(0.25, 0.75), rank=RANKS[kind] if ranks == "all" else ranks)
    with opened_base(base) as opened:
        outcome = merge(files, to, config, base=opened.weight)
    wanted = 0.25 * read(files[0], weight) + 0.75 * read(files[1], weight)
    off = distance({"": read(to, weight)}, {"": wanted})
    if ranks == 2:  # nearly the best that two ranks can hold, by Eckart and Young; and the error that is told
        values = torch.linalg.svdvals(wanted)
        best = float((values[2:].square().sum() / values.square().sum()) ** 0.5)
        assert best * (1 - 1e-6) < off < 1.05 * best
        assert outcome.error == pytest.approx(off, rel=1e-3)
    else:
        assert off < 1e-6


def test_dora_without_its_base_model_is_refused_with_the_way_out(tmp_path):
    files = [file_of(tmp_path / f"{seed}.safetensors", "dora", seed) for seed in (1, 2)]
    with pytest.raises(ModelFileError, match="base"):
        merge(files, tmp_path / "mix.safetensors", MergeConfig())
    assert not (tmp_path / "mix.safetensors").exists()
