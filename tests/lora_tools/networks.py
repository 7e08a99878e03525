"""Network files with random numbers, and what they add to weights, by independent formulas in float64."""

import torch
from safetensors.torch import save_file

from lib_train.checkpoints.files import read_network, write_network

UNET = "lora_unet_down_blocks_0_attentions_0_"
SHAPES = {
    "lora_te_text_model_encoder_layers_0_mlp_fc1": (48, 40),
    f"{UNET}proj_in": (32, 36, 1, 1),
    f"{UNET}transformer_blocks_0_attn1_to_q": (36, 44),
    "lora_unet_up_blocks_1_resnets_0_conv1": (40, 24, 3, 3),
}
"""Shapes of the layers' weights."""


def chance(seed=0):
    return torch.Generator().manual_seed(seed)


def lora(rank=4, alpha=2.0, seed=0, shapes=SHAPES, decay=0.0):
    """A LoRA's tensors; ``decay`` makes later ranks smaller."""
    random, tensors = chance(seed), {}
    for name, shape in shapes.items():
        size = torch.exp(-decay * torch.arange(rank))
        ones = (1,) * (len(shape) - 2)
        up = torch.randn(shape[0], rank, generator=random) * size
        tensors[f"{name}.lora_down.weight"] = torch.randn(rank, *shape[1:], generator=random)
        tensors[f"{name}.lora_up.weight"] = up.view(shape[0], rank, *ones)
        tensors[f"{name}.alpha"] = torch.tensor(float(alpha))
    return tensors


def written(path, tensors, metadata=None, precision="float"):
    write_network(path, tensors, {"ss_base_model_version": "sd_v1", **(metadata or {})}, precision)
    return path


def dense(tensors):
    """What a LoRA's tensors add to each layer's weight, (O, N) in float64."""
    found = {}
    for key in tensors:
        name, _, part = key.partition(".")
        if part == "lora_up.weight":
            up, down = (tensors[f"{name}.lora_{side}.weight"].double().flatten(1) for side in ("up", "down"))
            found[name] = float(tensors[f"{name}.alpha"]) / down.shape[0] * up @ down
    return found


def dense_in(path):
    return dense(read_network(path)[0])


def distance(found, wanted):
    """Norm of the difference as a share of that of what is wanted, over all layers."""
    assert found.keys() == wanted.keys()
    off = sum(float((found[name] - wanted[name]).square().sum()) for name in wanted)
    return (off / sum(float(one.square().sum()) for one in wanted.values())) ** 0.5


_MODEL = "model.diffusion_model."
_LAYERS = {
    f"{UNET}proj_in": (f"{_MODEL}input_blocks.1.1.proj_in", (32, 40, 1, 1)),
    f"{UNET}transformer_blocks_0_attn1_to_q": (f"{_MODEL}input_blocks.1.1.transformer_blocks.0.attn1.to_q", (40, 48)),
    "lora_unet_mid_block_resnets_0_conv1": (f"{_MODEL}middle_block.0.in_layers.2", (24, 32, 3, 3)),
    "lora_te_text_model_encoder_layers_0_mlp_fc1": (
        "cond_stage_model.transformer.text_model.encoder.layers.0.mlp.fc1", (48, 40),
    ),
}  # fmt: skip
LITTLE = {name: shape for name, (_, shape) in _LAYERS.items()}
"""Shapes of the layers of ``little_checkpoint``."""


def little_checkpoint(path, seed=0, kind=torch.float32, **changed):
    """A few layers of SD1, by no more than which tools take a file for a checkpoint; ``changed`` are further tensors,
    with "w" for the weight of to_q."""
    random = chance(seed)
    tensors = {f"{key}.weight": torch.randn(shape, generator=random).to(kind) for key, shape in _LAYERS.values()}
    tensors |= {f"{key}.bias": torch.randn(shape[0], generator=random).to(kind) for key, shape in _LAYERS.values()}
    tensors["first_stage_model.encoder.conv_in.weight"] = torch.randn(9, 3, 3, 3, generator=random).to(kind)
    to_q = next(f"{key}.weight" for name, (key, _) in _LAYERS.items() if name.endswith("to_q"))
    save_file(tensors | {to_q if key == "w" else key: tensor for key, tensor in changed.items()}, path)
    return path
