"""Recipe "CharFramework", step by step, on the embedded model: what the command line and the tab both do.

Published: one character as three kinds of file, of 12 to 27 pictures and reduced copies of them; weights of blocks are
multiplied into the file, which is compressed then, and tells its trigger words. Its settings are the presets
``CharFramework``, ``CharFramework-LoCon`` and ``CharFramework-LoHa``.
"""

import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor

from lib_train.app.sample import PROMPT, SAMPLES
from lib_train.config.codec import from_json
from lib_train.config.presets import PRESETS, differences
from lib_train.demo.reader import is_mochi
from lib_train.demo.world import SIDE
from lib_train.host.protocol import PictureRequest
from lib_train.host.standalone.host import StandaloneHost
from lib_train.store.projects import version_named
from lib_train.store.runs import run_named

TRIGGER = "mochi"
SEEDS = range(100, 110)
"""Of the demo's scores: no preview has used them."""
FACE = "0,1,1,1,1,1,0,0,0,1,0,0,0,0,1,0,1,1,1,0,1,1,1,0,0,1"
"""As published, of BASE, IN00-11, M00, OUT00-11: also a preset of that name."""
SV_RATIO = "16"
_RATES = ["1" if weight == "1" else ".02" for weight in FACE.split(",")[1:]]
CHANGED = {
    # The layers of the embedded model have 64 channels: rank 128 would be more than all of them. As published, conv_dim
    # is network_dim, and alpha is half of it.
    "network_dim": "32", "network_alpha": "16", "conv_dim": "32", "conv_alpha": "16",
    # Such a narrow model needs higher rates than SD1.5, as the demo does, and is done sooner.
    "learning_rate": "3e-3", "max_train_steps": "800",
}  # fmt: skip
"""What differs from the preset, as it is typed, and why."""
ADDED = {
    "train_batch_size": "8", "min_snr_gamma": "5", "lr_warmup_steps": "0.05",  # of the demo, for the high rate
    # In SD1.5 a face is learned by the blocks that FACE keeps. Here all blocks share one drawing, and a LoRA trained
    # evenly loses the character with FACE: what is going to be left out must hardly be trained.
    "down_lr_weight": ",".join(_RATES[:12]), "mid_lr_weight": _RATES[12], "up_lr_weight": ",".join(_RATES[13:]),
    "caption_prefix": f"{TRIGGER}, ",  # by which the file tells its trigger word
    "save_every_n_epochs": "10",  # fewer files
}  # fmt: skip
"""What the recipe says nothing of."""
OF_LOHA = {"network_dim": "8", "network_alpha": "4", "conv_dim": "8", "conv_alpha": "4"}
"""Ranks of the recipe's LoHa: as published, a quarter of the others'."""
FEW = {"max_train_steps": "8", "train_batch_size": "8", "caption_prefix": f"{TRIGGER}, "}
"""For files of the recipe's other kinds, which need not know the character."""
PUBLISHED = {
    "ss_text_encoder_lr": "4.4e-05", "ss_color_aug": "True", "ss_flip_aug": "True", "ss_enable_bucket": "True",
    "ss_bucket_no_upscale": "True", "ss_cache_latents": "False", "ss_shuffle_caption": "False", "ss_keep_tokens": "0",
    "ss_num_reg_images": "0", "ss_reg_dataset_dirs": "{}",
}  # fmt: skip
"""What arrives in the file as it was published."""
OF_ONE_RUN = ("ss_session_id", "ss_training_started_at", "ss_training_finished_at", "modelspec.date")
"""What two runs of the same settings write differently."""


def zipped_pictures(folder: Path) -> Path:
    """An archive of the 16 pictures of the sample character, whose captions leave the trigger word to the settings."""
    inner = folder / "10_mochi"
    shutil.copytree(SAMPLES / "train" / "10_mochi", inner)
    for caption in inner.glob("*.txt"):
        text = caption.read_text(encoding="utf-8")
        assert text.startswith(f"{TRIGGER}, ")
        caption.write_text(text.removeprefix(f"{TRIGGER}, "), encoding="utf-8")
    archive = folder / "pictures.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for path in sorted(inner.iterdir()):
            opened.write(path, f"{inner.name}/{path.name}")
    return archive


def metadata_of(path: Path) -> dict[str, str]:
    with safe_open(path, "pt") as file:
        return dict(file.metadata())


def of_any_run(path: Path) -> dict[str, str]:
    """A file's metadata, but for times."""
    return {key: text for key, text in metadata_of(path).items() if key not in OF_ONE_RUN}


def changed_settings(root: Path, project: str = "mochi") -> set[str]:
    """Names of the settings that the newest run of a project's v1 has otherwise than its preset."""
    kept = run_named(version_named(root, project, "v1"), "").settings()
    config = from_json(kept["config"])[0]
    return {one.setting for one in differences(config, PRESETS[config.preset])}


def is_same(one: Path, other: Path) -> bool:
    """Whether two files hold the same tensors, bit for bit."""
    first, second = load_file(one), load_file(other)
    return first.keys() == second.keys() and all(
        tensor.dtype == second[key].dtype and torch.equal(tensor, second[key]) for key, tensor in first.items()
    )


def parts_of(path: Path) -> dict[str, dict[str, Tensor]]:
    """Tensors of each layer, by the ends of their names."""
    found: dict[str, dict[str, Tensor]] = {}
    for key, tensor in load_file(path).items():
        layer, _, part = key.partition(".")
        found.setdefault(layer, {})[part] = tensor
    return found


def added_by(parts: dict[str, Tensor]) -> Tensor:
    """What a layer of LoRA or LoHa adds to the weights: (O, I * K), in float64.

    Source:
        The formulas of LyCORIS's modules, written anew: up @ down, and (w1_a @ w1_b) * (w2_a @ w2_b), by alpha / rank.
    """
    exact = {name: tensor.double() for name, tensor in parts.items()}
    if "lora_up.weight" in exact:
        up, down = exact["lora_up.weight"].flatten(1), exact["lora_down.weight"].flatten(1)
        return up @ down * (exact["alpha"] / len(down))
    first, second = exact["hada_w1_a"] @ exact["hada_w1_b"], exact["hada_w2_a"] @ exact["hada_w2_b"]
    return first * second * (exact["alpha"] / len(exact["hada_w1_b"]))


def norm_of(deltas: Iterable[Tensor]) -> float:
    return float(sum(delta.square().sum() for delta in deltas)) ** 0.5


def relative_error(before: Path, after: Path) -> float:
    """Norm of what one file adds less or more than another, by the norm of that other."""
    wanted, made = parts_of(before), parts_of(after)
    assert wanted.keys() == made.keys()
    lost = norm_of(added_by(wanted[name]) - added_by(made[name]) for name in wanted)
    return lost / norm_of(map(added_by, wanted.values()))


def seeds_that_show_it(files: Iterable[Path | None]) -> list[int]:
    """How many of ten seeds show the character with each of these files at weight 1; None is without any."""
    host, asked = StandaloneHost(device="cpu"), []
    look: dict[str, Any] = {"sampler": "Euler a", "steps": 20, "cfg_scale": 5.0, "width": SIDE, "height": SIDE}
    for file in files:
        asked.append([PictureRequest(prompt=PROMPT, seed=seed, network=file, weight=1.0, **look) for seed in SEEDS])
    with host.borrow(host.find("")) as model:
        return [sum(is_mochi(picture) for picture, _ in host.render(model, requests)) for requests in asked]
