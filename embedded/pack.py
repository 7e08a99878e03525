"""Write the trained parts as one ldm-named checkpoint with its .yaml: ``python -m embedded.pack --out build``."""

import argparse
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from embedded.denoiser import prepared
from lib_train.models.embedded import CHECKPOINT, webui_yaml
from lib_train.networks.keys import ldm_unet_weight, ldm_vae_weight

SCALE_FACTOR = 0.18215
"""What every reader of an SD1 file multiplies latents with."""


def scaled_vae(vae: dict[str, Tensor], mean: Tensor, deviation: Tensor) -> dict[str, Tensor]:
    """The same autoencoder with latents whose channels have mean 0 and deviation 1 after ``SCALE_FACTOR``."""
    stretch = deviation * SCALE_FACTOR
    weight, bias = vae["quant_conv.weight"].clone(), vae["quant_conv.bias"].clone()
    weight[:4] /= stretch[:, None, None, None]
    bias[:4] = (bias[:4] - mean) / stretch
    bias[4:] -= 2 * stretch.log()
    back = vae["post_quant_conv.weight"]
    shift = back[:, :, 0, 0] @ mean
    return vae | {
        "quant_conv.weight": weight,
        "quant_conv.bias": bias,
        "post_quant_conv.weight": back * stretch[None, :, None, None],
        "post_quant_conv.bias": vae["post_quant_conv.bias"] + shift,
    }


def packed(folder: Path) -> dict[str, Tensor]:
    """All tensors under the names of an SD1 checkpoint, fp16."""
    _, _, mean, deviation = prepared(folder, 0)
    vae = torch.load(folder / "vae.pt", weights_only=True)["average"]
    denoiser = torch.load(folder / "denoiser.pt", weights_only=True)["average"]
    tensors = dict(ldm_vae_weight(name, tensor) for name, tensor in scaled_vae(vae, mean, deviation).items())
    for name, tensor in denoiser.items():
        part, _, rest = name.partition(".")
        if part == "text":
            tensors[f"cond_stage_model.transformer.{rest}"] = tensor
        else:
            key, value = ldm_unet_weight(rest, tensor)
            tensors[key] = value
    halves = {name: tensor.half().contiguous() for name, tensor in tensors.items() if tensor.is_floating_point()}
    halves["cond_stage_model.transformer.text_model.embeddings.position_ids"] = torch.arange(77)[None]
    return halves


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--file", type=Path, default=CHECKPOINT)
    options = parser.parse_args()
    options.file.parent.mkdir(parents=True, exist_ok=True)
    save_file(packed(options.out), options.file, {"modelspec.title": "Train Tools embedded model"})
    options.file.with_suffix(".yaml").write_text(webui_yaml("tokenizer"), encoding="utf-8")


if __name__ == "__main__":
    main()
