"""Settings as kohya's sd-scripts read them, in TOML. What only Train Tools has stands in a section of its own, which
sd-scripts passes over; so importing the file gives the same settings again.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from lib_train.config.blocks import RATES, SIDES, SIZES
from lib_train.config.codec import from_json, names, section_of, settings_in, to_json
from lib_train.config.kohya_keys import OURS, OURS_PART, SAME
from lib_train.config.network import NetworkConfig
from lib_train.config.run import RunConfig
from lib_train.config.toml_text import toml_of
from lib_train.config.training import TrainingConfig
from lib_train.texts import say

_LYCORIS = ("factor", "decompose_both", "full_matrix", "use_tucker", "train_norm", "rs_lora")
_STEPS = 64
"""What sd-scripts divides bucket_reso_steps by."""


class Exported(NamedTuple):
    """A file for sd-scripts."""

    text: str
    notes: list[str]
    """On what it will do otherwise."""


def to_sd_scripts(config: RunConfig, name: str = "lora", side: int | None = None) -> Exported:
    """See ``Exported``.

    Args:
        name: of the file that is trained.
        side: pixels that the base model was trained at, where the resolution is left to it.
    """
    tables = {
        "model_arguments": dict(_model(config)),
        "dataset_arguments": dict(_dataset(config, side)),
        "network_arguments": dict(_network(config)),
        "training_arguments": dict(_training(config)),
        "saving_arguments": dict(_saving(config, name)),
    }
    theirs = settings_in(to_json(from_json(tables)[0]))
    ours = settings_in(to_json(config))
    own = {key: _told(value) for key, value in ours.items() if key in names() and value != theirs.get(key)}
    return Exported(toml_of({**tables, f"{OURS}.{OURS_PART}": own}), list(_notes(config, own, side)))


def _told(value: Any) -> Any:
    return "" if value is None else value  # TOML has no null; an empty text is empty here


def _same(section: object) -> Iterator[tuple[str, Any]]:
    """What sd-scripts calls alike; without what is empty."""
    for name in section_of():
        if name in SAME and hasattr(section, name):
            value = getattr(section, name)
            if value is not None and value not in ("", ()):
                yield name, list(value) if isinstance(value, tuple) else value


def _model(config: RunConfig) -> Iterator[tuple[str, Any]]:
    yield "pretrained_model_name_or_path", config.base_model
    if config.vae:
        yield "vae", config.vae
    if config.prediction_type == "v":
        yield "v_parameterization", True


def _dataset(config: RunConfig, side: int | None) -> Iterator[tuple[str, Any]]:
    dataset = config.dataset
    for name in ("train_data_dir", "reg_data_dir"):
        if folders := getattr(dataset, name):
            yield name, folders[0]
    size = dataset.size if dataset.resolution or side is None else (side, side)
    yield "resolution", f"{size[0]},{size[1]}"
    yield from zip(("min_bucket_reso", "max_bucket_reso"), _limits(config, size), strict=True)
    yield "caption_extension", dataset.caption_extension[0]
    yield "cache_latents", dataset.caches_latents
    yield from ((name, value) for name, value in _same(dataset) if name != "cache_latents_to_disk")
    yield "cache_latents_to_disk", dataset.caches_latents and dataset.cache_latents_to_disk


def _limits(config: RunConfig, size: tuple[int, int]) -> tuple[int, int]:
    """As ``DatasetConfig.bucket_limits``, of the size that is written."""
    low, high = config.dataset.min_bucket_reso, config.dataset.max_bucket_reso
    return min(low or min(size) // 2, *size), max(high or max(size) * 2, *size)


def _network(config: RunConfig) -> Iterator[tuple[str, Any]]:
    network = config.network
    is_lycoris = network.network_type not in ("lora", "locon") or network.preset != "auto" or network.dora_wd or any(
        getattr(network, name) for name in ("use_tucker", "train_norm", "rs_lora")
    )  # fmt: skip
    yield "network_module", "lycoris.kohya" if is_lycoris else "networks.lora"
    arguments = {**(_lycoris(network) if is_lycoris else {}), **_sizes(network), **_rate_arguments(config.training)}
    yield "network_args", [f"{name}={value}" for name, value in arguments.items()]
    yield from _same(network)
    if network.base_weights:
        yield "base_weights_multiplier", [strength for _, strength in network.background]


def _lycoris(network: NetworkConfig) -> dict[str, Any]:
    kind = "lora" if network.network_type == "dora" else network.network_type
    layers = "full" if network.trains_convs else "attn-mlp"
    found: dict[str, Any] = {"algo": kind, "preset": layers if network.preset == "auto" else network.preset}
    if network.dora_wd or network.network_type == "dora":
        found |= {"dora_wd": True, "wd_on_output": False}
    usual = NetworkConfig()
    return found | {name: getattr(network, name) for name in _LYCORIS if getattr(network, name) != getattr(usual, name)}


def _sizes(network: NetworkConfig) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if network.conv_rank is not None:
        found |= {"conv_dim": network.conv_rank, "conv_alpha": network.alpha_of_convs}
    found |= {name: ",".join(map(str, getattr(network, name))) for name in SIZES if getattr(network, name)}
    return found | {
        name: getattr(network, name) for name in ("rank_dropout", "module_dropout") if getattr(network, name)
    }


def _rate_arguments(training: TrainingConfig) -> dict[str, Any]:
    wanted = (*RATES, "loraplus_lr_ratio", "loraplus_unet_lr_ratio", "loraplus_text_encoder_lr_ratio")
    found = {name: getattr(training, name) for name in wanted if getattr(training, name)}
    return {name: str(value).replace(" ", "") if name in SIDES else value for name, value in found.items()}


def _training(config: RunConfig) -> Iterator[tuple[str, Any]]:
    training = config.training
    in_steps = training.max_train_steps is not None
    yield ("max_train_steps", training.max_train_steps) if in_steps else ("max_train_epochs", training.max_train_epochs)
    yield from _rates(training)
    yield "optimizer_args", [f"{name}={_literal(value)}" for name, value in training.optimizer_options.items()]
    warmup = training.lr_warmup_steps
    yield "lr_warmup_steps", int(warmup) if warmup >= 1 or not warmup else warmup  # with a point it is a share there
    yield "mixed_precision", "fp16" if training.mixed_precision == "auto" else training.mixed_precision
    if training.max_token_length > 75:  # which is theirs where nothing stands
        yield "max_token_length", 150 if training.max_token_length == 150 else 225
    yield from _same(training)
    if training.optimizer_type == "CAME":
        yield "optimizer_type", "came_pytorch.CAME"  # which has no short name there


def _saving(config: RunConfig, name: str) -> Iterator[tuple[str, Any]]:
    yield from {"output_dir": "output", "output_name": name, "save_model_as": "safetensors"}.items()
    if config.training.log_with == "tensorboard":
        yield from {"log_with": "tensorboard", "logging_dir": "logs"}.items()


def _literal(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _rates(training: TrainingConfig) -> Iterator[tuple[str, Any]]:
    unet = training.rates.get("unet")
    first, second = training.text_encoder_rates
    if not first and not second:
        yield "network_train_unet_only", True
    elif not unet:
        yield "network_train_text_encoder_only", True
    if unet and training.unet_lr is not None:
        yield "unet_lr", training.unet_lr
    if (first or second) and (training.text_encoder_lr is not None or second != first):
        yield "text_encoder_lr", [first] if second == first else [first, second]


def _notes(config: RunConfig, own: dict[str, Any], side: int | None) -> Iterator[str]:
    yield say("SDXL is trained by sdxl_train_network.py, SD1 and SD2 by train_network.py, SD2 with --v2")
    for name in ("train_data_dir", "reg_data_dir"):
        if len(folders := getattr(config.dataset, name)) > 1:
            yield say("{name}: sd-scripts takes one folder, {folder}: put the <repeats>_<name> folders of the others "
                      "into it", name=name, folder=folders[0])  # fmt: skip
        elif not folders and name == "train_data_dir":
            yield say("train_data_dir: is empty; name the folder that holds <repeats>_<name> folders")
    if not config.dataset.resolution and side is None:
        yield say("resolution: the base model's own here; 512 is written, SDXL needs 1024")
    if config.dataset.enable_bucket and config.dataset.bucket_reso_steps % _STEPS:
        yield say("bucket_reso_steps: sd-scripts wants a multiple of 64, for SDXL of 32")
    usual = settings_in(to_json(RunConfig()))
    alone = [name for name, value in own.items() if name not in _WRITTEN and _told(usual[name]) != value]
    if alone:
        yield say("without effect in sd-scripts: {names}", names=", ".join(alone))


_WRITTEN = frozenset((
    *SAME, "network_type", "network_preset", "network_dim", "dora_wd", "conv_dim", "conv_alpha", "resolution",
    "min_bucket_reso", "max_bucket_reso", "caption_extension", "cache_latents", "train_data_dir", "reg_data_dir",
    "max_train_epochs", "max_train_steps", "unet_lr", "text_encoder_lr", "text_encoder_lr2", "optimizer_args",
    "mixed_precision", "lr_warmup_steps", "max_token_length", "preset", "prediction_type", "base_weights_multiplier",
    "base_model", "vae", "log_with", *_LYCORIS, *SIZES, *RATES,
))  # fmt: skip
"""What stands in the file under a name or in a form of theirs, so that it has its effect there."""
