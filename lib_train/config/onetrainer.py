"""Settings of OneTrainer's JSON under sd-scripts' names, where a key has a counterpart; the others are told."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from lib_train.config.kohya_work import off
from lib_train.config.onetrainer_samples import samples_in
from lib_train.config.optimizers import ADAFACTOR
from lib_train.errors import Problem
from lib_train.texts import joined, say

_MODELS = ("STABLE_DIFFUSION_15", "STABLE_DIFFUSION_20", "STABLE_DIFFUSION_20_BASE", "STABLE_DIFFUSION_21",
           "STABLE_DIFFUSION_21_BASE", "STABLE_DIFFUSION_XL_10_BASE")  # fmt: skip
_DEFAULTS: dict[str, Any] = {
    "training_method": "FINE_TUNE", "model_type": "STABLE_DIFFUSION_15", "peft_type": "LORA", "lora_rank": 16,
    "lora_alpha": 1.0, "learning_rate": 3e-6, "learning_rate_scheduler": "CONSTANT", "learning_rate_warmup_steps": 200,
    "epochs": 100, "batch_size": 1, "resolution": "512", "layer_filter_preset": "full", "train_dtype": "FLOAT_16",
    "output_dtype": "FLOAT_32", "save_every_unit": "NEVER", "clip_grad_norm": 1.0, "gradient_checkpointing": "ON",
    "aspect_ratio_bucketing": True,
}  # fmt: skip
"""What counts there where a file leaves it out."""
_SAME = {
    "lora_alpha": "network_alpha", "learning_rate": "learning_rate", "epochs": "max_train_epochs",
    "batch_size": "train_batch_size", "gradient_accumulation_steps": "gradient_accumulation_steps",
    "clip_grad_norm": "max_grad_norm", "learning_rate_cycles": "lr_scheduler_num_cycles",
    "aspect_ratio_bucketing": "enable_bucket", "latent_caching": "cache_latents", "seed": "seed",
    "dropout_probability": "network_dropout", "lora_model_name": "network_weights",
    "offset_noise_weight": "noise_offset", "generalized_offset_noise": "balanced_noise_offset",
    "rescale_noise_scheduler_to_zero_terminal_snr": "zero_terminal_snr", "masked_training": "masked_loss",
    "unmasked_weight": "unmasked_weight", "normalize_masked_area_loss": "normalize_masked_area_loss",
    "masked_prior_preservation_weight": "masked_prior_weight", "timestep_shift": "timestep_shift",
    "force_v_prediction": "v_parameterization",
}  # fmt: skip
"""Theirs -> sd-scripts' with the same meaning."""
_KINDS = {"LORA": "lora", "LOHA": "loha", "LOKR": "lokr"}
_OF_LOKR = {
    "lokr_dim": "network_dim", "lokr_decompose_both": "decompose_both", "lokr_decompose_factor": "factor",
    "lokr_use_tucker": "use_tucker", "lokr_full_matrix": "full_matrix", "lokr_weight_decompose": "dora_wd",
}  # fmt: skip
_LAYERS = {"full": "full", "attn-mlp": "auto", "attn-only": "attn-only"}
_SCHEDULES = {
    "CONSTANT": "constant", "LINEAR": "linear", "COSINE": "cosine", "COSINE_WITH_RESTARTS": "cosine_with_restarts",
    "COSINE_WITH_HARD_RESTARTS": "cosine_with_restarts",
}  # fmt: skip
_OPTIMIZERS = {
    "ADAM": "AdamW", "ADAMW": "AdamW", "ADAMW_8BIT": "AdamW8bit", "ADAM_8BIT": "AdamW8bit", "LION": "Lion",
    "LION_8BIT": "Lion8bit", "ADAFACTOR": "Adafactor", "PRODIGY": "Prodigy", "DADAPT_ADAM": "DAdaptAdam", "SGD": "SGD",
    "CAME": "CAME", "SCHEDULE_FREE_ADAMW": "AdamWScheduleFree", "SCHEDULE_FREE_SGD": "SGDScheduleFree",
}  # fmt: skip
_ARGUMENTS = {
    "Prodigy": ("d_coef", "use_bias_correction", "safeguard_warmup", "decouple", "beta3", "d0", "growth_rate",
                "slice_p"),
    "AdamWScheduleFree": ("r", "weight_lr_power"), "SGDScheduleFree": ("r", "weight_lr_power", "momentum"),
    "SGD": ("momentum", "nesterov"),
    "Adafactor": ("scale_parameter", "relative_step", "warmup_init"), "DAdaptAdam": ("decouple",),
}  # fmt: skip
_EPS2 = {"Adafactor": 1e-3, "CAME": 1e-16}
"""The second number of eps where a file leaves it out."""
_FORMATS = {"FLOAT_32": "no", "TFLOAT_32": "no", "FLOAT_16": "fp16", "BFLOAT_16": "bf16"}
_SHAPES = {"LOGIT_NORMAL": "logit_normal", "COS_MAP": "cosmap"}
_NOT_HERE = {
    "learning_rate_min_factor": (), "learning_rate_scaler": ("NONE",), "mae_strength": (),
    "log_cosh_strength": (), "timestep_distribution": ("UNIFORM", *_SHAPES), "perturbation_noise_weight": (),
    "additional_embeddings": (), "custom_learning_rate_scheduler": (), "continue_last_backup": (),
    "lora_decompose_output_axis": (), "force_epsilon_prediction": (), "custom_conditioning_image": (),
}  # fmt: skip
"""What changes a run there and does nothing here, with the values that change nothing there either, apart from off."""
_IMAGE = {"enable_random_flip": "flip_aug"}
_TEXT = {
    "enable_tag_shuffling": "shuffle_caption", "keep_tags_count": "keep_tokens", "tag_delimiter": "caption_separator",
}  # fmt: skip


class Told(NamedTuple):
    """A file's settings under sd-scripts' names."""

    settings: dict[str, Any]
    notes: list[str]
    problems: list[Problem]


def is_onetrainer(value: Mapping[str, Any]) -> bool:
    """Whether it is OneTrainer that writes such files."""
    return "training_method" in value and ("base_model_name" in value or "model_type" in value)


def from_onetrainer(value: Mapping[str, Any]) -> Told:
    """See ``Told``; what only OneTrainer has is in the notes."""
    given, told = {**_DEFAULTS, **value}, Told({"max_token_length": 75}, [], [])
    if given["training_method"] != "LORA":
        remedy = say("only LORA is trained here; choose it in OneTrainer, or train it there")
        told.problems.append(Problem("training_method", given["training_method"], remedy))
    if given["model_type"] not in _MODELS:
        remedy = say("Train Tools trains SD1, SD2 and SDXL; train others elsewhere")
        told.problems.append(Problem("model_type", given["model_type"], remedy))
    told.settings.update({ours: given[theirs] for theirs, ours in _SAME.items() if theirs in given})
    for part in (_network, _rates, _noise, _saving, _model):
        told.settings.update(part(given, told))
    validates = not off(given.get("validation"))
    trained = [one for one in _dicts(given.get("concepts")) if not _is_validation(one)]
    told.settings["datasets"] = [{"subsets": [_subset(one) for one in trained]}]
    if validates and (held := [one.get("path", "") for one in _dicts(given.get("concepts")) if _is_validation(one)]):
        told.settings["validation_data_dir"] = held
    _tell_files(given, told)
    idle = [f"{name} = {given[name]}" for name, neutral in sorted(_NOT_HERE.items())
            if not off(given.get(name)) and given[name] not in neutral]  # fmt: skip
    if idle:
        told.notes.append(say("without effect here: {idle}", idle=", ".join(idle)))
    return told


def _network(given: Mapping[str, Any], told: Told) -> Iterator[tuple[str, Any]]:
    kind, layers = str(given["peft_type"]), str(given["layer_filter_preset"])
    if kind not in _KINDS:
        remedy = say("choose one of {known}", known=", ".join(_KINDS))
        told.problems.append(Problem("peft_type", kind, remedy))
        return
    yield "network_type", _KINDS[kind]
    yield "network_dim", given["lora_rank"]
    if kind == "LOKR":
        yield from ((ours, given[theirs]) for theirs, ours in _OF_LOKR.items() if theirs in given)
    elif not off(given.get("lora_decompose")):
        yield "dora_wd", True
    yield "network_preset", _LAYERS.get(layers, "auto")
    if layers not in _LAYERS:
        told.notes.append(
            say("layer_filter_preset = {layers}: choose layers by network_preset and network_layers", layers=layers)
        )


def _rates(given: Mapping[str, Any], told: Told) -> Iterator[tuple[str, Any]]:
    schedule, warmup = str(given["learning_rate_scheduler"]), given["learning_rate_warmup_steps"]
    if schedule == "CONSTANT" and not off(warmup):
        yield "lr_scheduler", "constant_with_warmup"
    else:
        yield "lr_scheduler", _SCHEDULES.get(schedule, schedule)
    yield "lr_warmup_steps", warmup
    for part, rate in (
        ("unet", "unet_lr"),
        ("text_encoder", "text_encoder_lr"),
        ("text_encoder_2", "text_encoder_lr2"),
    ):
        config = _dict(given.get(part))
        if part == "text_encoder_2" and "XL" not in str(given["model_type"]):
            continue
        if config.get("train") is False:
            yield rate, 0
        elif not off(config.get("learning_rate")):
            yield rate, config["learning_rate"]
        if part == "text_encoder" and config.get("train", True) and config.get("stop_training_after_unit") == "EPOCH":
            share = _share(config.get("stop_training_after"), given["epochs"])
            yield from [("text_encoder_stop", share)] if share else []
    optimizer = given.get("optimizer", "ADAMW")
    arguments = _dict(optimizer)
    name = str(arguments.get("optimizer", "ADAMW") if arguments else optimizer)
    ours = _OPTIMIZERS.get(name, name)
    yield "optimizer_type", ours
    found = {key: arguments[key] for key in ("weight_decay", "eps", *_ARGUMENTS.get(ours, ()))
             if _is_number(arguments.get(key))}  # fmt: skip
    if ours == "Adafactor":
        found = {**ADAFACTOR, **found}
    if ours in _EPS2 and "eps" in found:
        found["eps"] = [found["eps"], _number(arguments.get("eps2"), _EPS2[ours])]
    betas = [arguments[key] for key in ("beta1", "beta2", "beta3")[: 3 if ours == "CAME" else 2]
             if arguments.get(key) is not None]  # fmt: skip
    if len(betas) == (3 if ours == "CAME" else 2):
        found["betas"] = betas
    yield "optimizer_args", found


def _share(after: Any, epochs: Any) -> float | None:
    last, all_of_them = _number(after, 0), _number(epochs, 0)
    return round(last / all_of_them, 4) if 0 < last < all_of_them else None


def _noise(given: Mapping[str, Any], told: Told) -> Iterator[tuple[str, Any]]:
    weight = str(given.get("loss_weight_fn", "CONSTANT"))
    if weight in ("MIN_SNR_GAMMA", "MIN_SNR"):
        yield "min_snr_gamma", given.get("loss_weight_strength", 5.0)
    elif weight == "DEBIASED_ESTIMATION":
        yield "debiased_estimation_loss", True
    elif weight == "P2":
        yield "p2_gamma", given.get("loss_weight_strength", 1.0)
    elif weight != "CONSTANT":
        told.notes.append(say("loss_weight_fn = {weight}: set min_snr_gamma instead", weight=weight))
    if (shape := _SHAPES.get(str(given.get("timestep_distribution")))) is not None:
        yield "timestep_shape", shape
        if shape == "logit_normal":
            yield "timestep_mean", _number(given.get("noising_bias"), 0)
            yield "timestep_spread", _number(given.get("noising_weight"), 0) + 1
    if not off(given.get("huber_strength")):
        yield "loss_type", "huber"
    for theirs, ours, usual in (
        ("min_noising_strength", "min_timestep", 0),
        ("max_noising_strength", "max_timestep", 1),
    ):
        yield ours, round(_number(given.get(theirs), usual) * 1000)
    yield "clip_skip", int(_number(given.get("text_encoder_layer_skip"), 0)) + 1
    yield "mixed_precision", _FORMATS.get(str(given["train_dtype"]), "auto")
    yield "gradient_checkpointing", str(given["gradient_checkpointing"]).upper() not in ("OFF", "FALSE")


def _saving(given: Mapping[str, Any], told: Told) -> Iterator[tuple[str, Any]]:
    kind = _FORMATS.get(str(given["output_dtype"]), "fp16")
    yield "save_precision", "float" if kind == "no" else kind
    yield "save_every_n_epochs", 0
    pairs = [("save_every", "save_every"), ("sample_after", "preview_every")]
    pairs += [] if off(given.get("validation")) else [("validate_after", "validate_every")]
    for theirs, ours in pairs:
        unit, often = given.get(f"{theirs}_unit"), given.get(theirs)
        if unit in ("EPOCH", "STEP"):
            yield f"{ours}_n_{unit.lower()}s", often
        elif unit not in ("NEVER", None, "ALWAYS"):
            note = say("{name} = {often} {unit}: give epochs or steps in {setting}", name=theirs, often=often,
                       unit=str(unit).lower(), setting=f"{ours}_n_epochs")  # fmt: skip
            told.notes.append(note)
    if given.get("ema", "OFF") != "OFF":  # GPU or CPU: where it is kept
        yield "ema", "instead"
        yield "ema_decay", _number(given.get("ema_decay"), 0.999)
        yield "ema_update_step_interval", int(_number(given.get("ema_update_step_interval"), 5))
    yield from samples_in(_dicts(given.get("samples")))


def _model(given: Mapping[str, Any], told: Told) -> Iterator[tuple[str, Any]]:
    model = str(given.get("base_model_name", ""))
    if model.lower().endswith((".safetensors", ".ckpt")):
        yield "pretrained_model_name_or_path", model
    elif model:
        told.notes.append(say("base_model_name = {model}: choose the checkpoint's file here", model=model))
    if vae := _dict(given.get("vae")).get("model_name"):
        yield "vae", vae
    sizes = [part.strip() for part in str(given["resolution"]).split(",") if part.strip()]
    yield "resolution", sizes[0].lower().split("x") if sizes else None
    if len(sizes) > 1:
        note = say("resolution = {sizes}: a run has one here, {first}. Train the others in versions of their own",
                   sizes=", ".join(sizes), first=sizes[0])  # fmt: skip
        told.notes.append(note)


def _subset(concept: Mapping[str, Any]) -> dict[str, Any]:
    """A concept as a subset of sd-scripts; one that counts by samples is there once."""
    image, text = _dict(concept.get("image")), _dict(concept.get("text"))
    by_repeats = concept.get("balancing_strategy", "REPEATS") == "REPEATS"
    repeats = _number(concept.get("balancing"), 1) if by_repeats else 1
    found = {"image_dir": concept.get("path", ""), "num_repeats": max(round(repeats), 1)}
    found |= {ours: image[theirs] for theirs, ours in _IMAGE.items() if theirs in image}
    found |= {ours: text[theirs] for theirs, ours in _TEXT.items() if theirs in text}
    if not off(text.get("tag_dropout_enable")):
        whole = text.get("tag_dropout_mode") == "FULL"
        found["caption_dropout_rate" if whole else "caption_tag_dropout_rate"] = text.get("tag_dropout_probability", 0)
    return found


def _tell_files(given: Mapping[str, Any], told: Told) -> None:
    if not _dicts(given.get("concepts")):
        del told.settings["datasets"]
        if not off(given.get("concept_file_name")):
            told.notes.append(joined(" = ", ("concept_file_name", say(
                "{file}: is not read: name the folders of pictures in train_data_dir",
                file=given["concept_file_name"]))))  # fmt: skip
    for concept in _dicts(given.get("concepts")):
        source = _dict(concept.get("text")).get("prompt_source", "sample")
        kind = concept.get("type", "STANDARD")
        if source != "sample":
            told.notes.append(say("{folder}: captions are read from .txt files beside the pictures (prompt_source = "
                                  "{source})", folder=concept.get("path", ""), source=source))  # fmt: skip
        if kind not in ("STANDARD", "VALIDATION"):
            told.notes.append(say("{folder}: pictures of the type {kind} are trained as all others here; leave that "
                                  "folder out", folder=concept.get("path", ""), kind=kind))  # fmt: skip


def _is_validation(concept: Mapping[str, Any]) -> bool:
    return concept.get("type") == "VALIDATION"


def _number(value: Any, otherwise: float) -> float:
    return value if _is_number(value) else otherwise


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _dicts(value: Any) -> list[Mapping[str, Any]]:
    """Those that are on."""
    listed = value if isinstance(value, Sequence) and not isinstance(value, str) else []
    return [one for one in listed if isinstance(one, Mapping) and one.get("enabled", True)]
