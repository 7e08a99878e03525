"""Settings that others published with their results, by the names they are known by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lib_train.config.codec import config_of, section_of
from lib_train.config.run import RunConfig
from lib_train.texts import say

DEFAULTS = "defaults"
"""Name, among the presets, of the settings of a fresh version."""
KEPT = frozenset(
    {"train_data_dir", "reg_data_dir", "validation_data_dir", "preview_prompts", "preview_negative_prompt"}
)
"""What no preset takes away: pictures and prompts are one's own."""


@dataclass(frozen=True)
class Preset:
    """Flat settings and what they are good for."""

    title: str
    """What it trains, in two or three words."""
    about: str
    settings: Mapping[str, Any]
    family: str = "sd1"
    """Of the models that its author trained on; empty is any."""
    variant_of: str = ""
    """The preset that it differs from in kind and size of the network, and what goes with these, alone."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Why a setting is as it is, by its name."""


_CHAR_FRAMEWORK: Mapping[str, Any] = {
    "network_dim": 128, "network_alpha": 64, "conv_dim": 128, "conv_alpha": 64, "learning_rate": 1e-4,
    "text_encoder_lr": 4.4e-5, "max_train_steps": 1000, "color_aug": True, "cache_latents": False,
    "flip_aug": True, "enable_bucket": True, "bucket_no_upscale": True,
}  # fmt: skip

_NOTEBOOK: Mapping[str, Any] = {
    "resolution": (768, 768), "caption_dropout_rate": 0.1, "keep_tokens": 1,
    "keep_tags": ("1girl", "1boy", "2girls", "solo"),
}  # fmt: skip
_OF_NOTEBOOK = {
    "resolution": say("The notebook found 768 far better than 512, and 896 no better than that."),
    "caption_dropout_rate": say("Faces got better with a tenth, other things worse with three tenths."),
    "keep_tokens": say("The trigger word is the first tag: it is kept, and beat plain words by far."),
    "keep_tags": say("With a list of tags that stay, clothes got much better. That of the notebook is longer: add what "
                     "your pictures need."),
    "network_alpha": say("Half of the rank, as the course advises: the notebook does not tell it."),
}  # fmt: skip
"""Why its numbers are as they are."""

PRESETS: dict[str, Preset] = {
    "CherryCat": Preset(
        "Person",
        "A person's likeness from photos, portrait format; needs about 24 GB. Compare the first epochs: "
        "the second may already be the best.",
        {
            "network_dim": 32, "network_alpha": 32, "resolution": (768, 1024), "train_batch_size": 4,
            "max_train_epochs": 8, "noise_offset": 0.05, "clip_skip": 2,
        },
    ),
    "rimochan": Preset(
        "Character, small files",
        "A drawn character from about 20 pictures, made of few drawings by cropping and mirroring; small files.",
        {
            "network_dim": 10, "network_alpha": 2, "train_batch_size": 2, "max_train_steps": 1000,
            "optimizer_type": "Lion", "unet_lr": 5e-5, "text_encoder_lr": 2e-5, "lr_scheduler": "cosine_with_restarts",
            "preview_weights": tuple(n / 10 for n in range(1, 11)),
            "preview_sheets": (
                "replace:sitting,standing,kneeling | replace:outdoors,indoors",
                "| weight:0.1-1.0 [10] | seed:1",
                "blocks:off;1,1,1,1,1,0.8,0.2,1,1,1,1,1,1,1,1,1,1",
            ),
        },
        reasons={
            "preview_sheets": say("As published: poses by places, for a prompt with sitting and outdoors; weights; "
                                  "block weights off and on."),
        },
    ),
    "CharFramework": Preset(
        "Character with outfits",
        "A character with its outfits from 12 to 27 pictures, 3x3 convolutions too. 1000 steps suit a face; "
        "give max_train_steps 1200 for a whole body, 1600 for a group.",
        {"network_type": "lora", **_CHAR_FRAMEWORK},
    ),
    "CharFramework-LoCon": Preset(
        "Character as LoCon",
        "CharFramework's numbers for a LoCon of LyCORIS, which here is a LoRA with 3x3 convolutions: it learns the "
        "same as CharFramework.",
        {"network_type": "locon", **_CHAR_FRAMEWORK},
        variant_of="CharFramework",
    ),
    "CharFramework-LoHa": Preset(
        "Character as LoHa",
        "CharFramework's numbers for a LoHa of rank 32: the file is half as large as CharFramework's.",
        {
            "network_type": "loha", **_CHAR_FRAMEWORK,
            "network_dim": 32, "network_alpha": 16, "conv_dim": 32, "conv_alpha": 16,
        },
        variant_of="CharFramework",
    ),
    "course": Preset(
        "Plain start",
        "A plain start for 15 to 50 pictures on a small card: a checkpoint for each of ten epochs to compare.",
        {
            "network_dim": 32, "network_alpha": 16, "resolution": 512, "train_batch_size": 1, "max_train_epochs": 10,
            "unet_lr": 1e-4, "text_encoder_lr": 1e-5, "save_every_n_epochs": 1, "preview_weights": (0, 0.6, 0.8, 1),
        },
    ),
    "Notebook": Preset(
        "Poses and faces",
        "Poses and faces from hundreds of crops around bodies: the trigger word is the first tag, and of the others "
        "only a list stays, while files are left as they are.",
        {**_NOTEBOOK, "network_dim": 32, "network_alpha": 16},
        reasons=_OF_NOTEBOOK,
    ),
    "Notebook-128": Preset(
        "Poses and faces, large",
        "The numbers of Notebook at rank 128: the file is four times as large.",
        {**_NOTEBOOK, "network_dim": 128, "network_alpha": 64},
        variant_of="Notebook",
        reasons=_OF_NOTEBOOK,
    ),
    "Notebook-Full": Preset(
        "Poses and faces, all weights",
        "The numbers of Notebook for training the weights themselves, as DreamBooth does: large files, and low rates.",
        {**_NOTEBOOK, "network_type": "full", "unet_lr": 1e-5, "text_encoder_lr": 2e-6},
        variant_of="Notebook",
        reasons={
            **{name: why for name, why in _OF_NOTEBOOK.items() if name != "network_alpha"},
            "unet_lr": say("2e-4 and 1e-4 broke the model, 1e-5 worked."),
            "text_encoder_lr": say("A fifth of the U-Net's."),
        },
    ),
}  # fmt: skip
"""Each by its name. What a preset leaves out keeps its default."""


class Difference(NamedTuple):
    """A setting that is not as its preset has it."""

    setting: str
    preset: Any
    now: Any


def fresh() -> Preset:
    """The defaults as a preset: they name everything but pictures and prompts."""
    usual = RunConfig()
    return Preset("", "", {name: _value(usual, name) for name in section_of() if name not in KEPT}, family="")


def differences(config: RunConfig, preset: Preset | None) -> list[Difference]:
    """Settings that differ from the preset that was chosen, in declared order; none where it is not known.

    A resolution that is left to the base model differs from no preset's: theirs are those of the models that they were
    made for.
    """
    if preset is None:
        return []
    wanted = config_of(preset.settings)
    found = (Difference(name, _value(wanted, name), _value(config, name)) for name in section_of()
             if name in preset.settings)  # fmt: skip
    return [one for one in found if one.preset != one.now and (one.setting, one.now) != ("resolution", ())]


def _value(config: RunConfig, name: str) -> Any:
    if name == "resolution":
        return config.dataset.resolution and config.dataset.size  # one number means a square
    return getattr(getattr(config, section_of()[name]), name)
