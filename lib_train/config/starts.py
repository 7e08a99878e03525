"""Starting points: settings by what is learned, for which models and how much memory, each with its reason.

They are put together of three small tables, of which a later one wins. The reasons name who published such numbers.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product
from typing import Any

from lib_train.config.presets import Preset
from lib_train.texts import say

Numbers = Mapping[str, tuple[Any, str]]
"""Setting -> value, and why."""
FAMILIES = ("sd1", "sdxl")
MEMORIES = (8, 12, 24)
"""GB of the card."""
SUBJECTS = {
    "character": ("Character", say("A person or figure that is always the same: 15 to 50 pictures, 10 repeats; the "
                                   "trigger word is the first tag.")),
    "style": ("Style", say("How pictures are drawn or photographed: 30 to 100 of them that show different things, "
                           "10 repeats.")),
    "concept": ("Concept", say("A pose, a gesture or a thing: 20 to 60 pictures of different people and places, 10 "
                               "repeats.")),
    "clothing": ("Clothing", say("An outfit: 20 to 40 pictures on different people, whole and close; the trigger word "
                                 "is the first tag.")),
}  # fmt: skip
"""What is learned: title, and what for."""

_ALL: Numbers = {
    "network_type": ("lora", say("Every program reads it; other kinds pay off once this one is not enough.")),
    "conv_dim": (None, say("Without 3x3 convolutions: smaller files, and what is learned mixes better with others.")),
    "conv_alpha": (None, say("There are no 3x3 convolutions.")),
    "max_train_epochs": (10, say("Ten checkpoints to compare: about 1500 to 3000 uses of pictures, as guides advise. "
                                 "Take the earliest that shows the subject.")),
    "max_train_steps": (None, say("The length is in epochs, so that it suits any number of pictures.")),
    "save_every_n_epochs": (1, say("The best epoch is seldom the last one.")),
    "lr_scheduler": ("cosine", say("The rate falls gently: late epochs refine instead of drifting.")),
    "lr_warmup_steps": (0.05, say("A twentieth of the run: the first steps of AdamW know no averages yet.")),
    "min_snr_gamma": (5.0, say("5 as in the paper (Hang 2023) and in most presets of bmaltais' GUI for characters.")),
    "unet_lr": (1e-4, say("What the course, lora-scripts and most presets of bmaltais' GUI take for AdamW.")),
    "max_token_length": (225, say("Long lists of tags are read to their end.")),
    "enable_bucket": (True, say("Pictures keep their proportions, so that nothing is cut off.")),
    "optimizer_type": ("AdamW", say("The plain choice, for which published rates hold.")),
}  # fmt: skip
_FAMILY: Mapping[str, Numbers] = {
    "sd1": {
        "text_encoder_lr": (5e-5, say("Half of the U-Net's, as EDG's settings: trigger words are learned, other words "
                                      "stay.")),
        "noise_offset": (0.05, say("Darker and lighter pictures become possible; CherryCat's and EDG's number.")),
        "gradient_checkpointing": (False, say("There is memory enough without: faster.")),
    },
    "sdxl": {
        "text_encoder_lr": (0.0, say("The guides of sd-scripts and bmaltais' GUI advise to train SDXL's U-Net alone; "
                                     "captions are encoded once, which saves memory and time.")),
        "noise_offset": (0.0357, say("What nine presets of bmaltais' GUI take for SDXL.")),
        "gradient_checkpointing": (True, say("Without it, one picture of 1024 pixels needs 11 GB beside the model.")),
    },
}  # fmt: skip
_SUBJECT: Mapping[str, Numbers] = {
    "character": {
        "network_dim": (32, say("Enough for a face and its outfits; more did not help CherryCat's author.")),
        "network_alpha": (16.0, say("Half of the rank, as the course advises: milder than alpha = rank.")),
        "shuffle_caption": (True, say("The order of tags is not learned.")),
        "keep_tokens": (1, say("The trigger word stays first.")),
        "flip_aug": (False, say("Partings, scars and badges have a side.")),
        "caption_dropout_rate": (0.0, say("With few pictures each dropped caption is a use that does not teach the "
                                          "trigger word.")),
    },
    "style": {
        "network_dim": (32, say("A style is in all layers, and still small: presets of bmaltais' GUI take 32, too.")),
        "network_alpha": (16.0, say("Half of the rank, as the course advises: milder than alpha = rank.")),
        "text_encoder_lr": (0.0, say("A style needs no new word; so prompts mean what they meant.")),
        "shuffle_caption": (True, say("The order of tags is not learned.")),
        "keep_tokens": (0, say("No tag is more important than the others.")),
        "flip_aug": (True, say("Strokes have no side: twice as many pictures.")),
        "caption_dropout_rate": (0.1, say("The style comes without any of its words, too; a tenth, as in the notebook "
                                          "on poses and faces.")),
    },
    "concept": {
        "network_dim": (16, say("A small thing needs little rank, and less of backgrounds is copied along.")),
        "network_alpha": (8.0, say("Half of the rank, as the course advises: milder than alpha = rank.")),
        "shuffle_caption": (True, say("The order of tags is not learned.")),
        "keep_tokens": (1, say("The trigger word stays first.")),
        "flip_aug": (True, say("Most poses and things are as good mirrored: twice as many pictures.")),
        "caption_dropout_rate": (0.05, say("So seldom that the trigger word is learned, and often enough for pictures "
                                           "without it; AI Characters' number.")),
    },
    "clothing": {
        "network_dim": (16, say("Cut and colour need little rank, and the person who wears it is copied less.")),
        "network_alpha": (8.0, say("Half of the rank, as the course advises: milder than alpha = rank.")),
        "conv_dim": (8, say("Cloth and patterns are textures, which 3x3 convolutions see.")),
        "conv_alpha": (4.0, say("Half of conv_dim, as for the rank.")),
        "shuffle_caption": (True, say("The order of tags is not learned.")),
        "keep_tokens": (1, say("The trigger word stays first.")),
        "flip_aug": (False, say("Closures and emblems have a side.")),
        "caption_dropout_rate": (0.0, say("With few pictures each dropped caption is a use that does not teach the "
                                          "trigger word.")),
    },
}  # fmt: skip
_MEMORY: Mapping[tuple[str, int], Numbers] = {
    ("sd1", 8): {
        "resolution": ((512, 512), say("What SD 1.5 was trained at, and what fits.")),
        "train_batch_size": (2, say("Two pictures of 512 pixels need about 6 GB.")),
    },
    ("sd1", 12): {
        "resolution": ((768, 768), say("The notebook found 768 far better than 512, and 896 no better than that.")),
        "train_batch_size": (2, say("Two pictures of 768 pixels need about 10 GB.")),
    },
    ("sd1", 24): {
        "resolution": ((768, 768), say("The notebook found 768 far better than 512, and 896 no better than that.")),
        "train_batch_size": (4, say("Four pictures of 768 pixels need about 17 GB; CherryCat's batch.")),
    },
    ("sdxl", 8): {
        "resolution": ((512, 512), say("The model takes 6.5 of the 8 GB: larger pictures do not fit. Details suffer; "
                                       "SD 1.5 is often the better choice here.")),
        "train_batch_size": (1, say("One picture fits.")),
        "network_dim": (4, say("sd-scripts' guide: 4 to 8 for 8 GB.")),
        "network_alpha": (2.0, say("Half of the rank, as the course advises: milder than alpha = rank.")),
        "conv_dim": (None, say("3x3 convolutions do not fit.")),
        "conv_alpha": (None, say("There are no 3x3 convolutions.")),
        "optimizer_type": ("AdamW8bit", say("A quarter of AdamW's memory; needs an NVIDIA card and bitsandbytes.")),
    },
    ("sdxl", 12): {
        "resolution": ((1024, 1024), say("What SDXL was trained at.")),
        "train_batch_size": (1, say("One picture of 1024 pixels needs about 11 GB.")),
        "optimizer_type": ("AdamW8bit", say("A quarter of AdamW's memory; needs an NVIDIA card and bitsandbytes.")),
    },
    ("sdxl", 24): {
        "resolution": ((1024, 1024), say("What SDXL was trained at.")),
        "train_batch_size": (4, say("Four pictures of 1024 pixels need about 20 GB; steadier than one.")),
    },
}  # fmt: skip


def name_of(subject: str, family: str, memory: int) -> str:
    """The name by which a starting point is known."""
    return f"{subject}-{family}-{memory}gb"


def start(subject: str, family: str, memory: int) -> Preset:
    """Settings for what is learned, of which models, on a card of so many GB."""
    numbers = {**_ALL, **_FAMILY[family], **_SUBJECT[subject], **_MEMORY[family, memory]}
    title, about = SUBJECTS[subject]
    settings, reasons = ({name: number[i] for name, number in numbers.items()} for i in (0, 1))
    return Preset(title, about, settings, family, reasons=reasons)


def starts() -> Iterator[tuple[str, Preset]]:
    """All of them, with their names."""
    for subject, family, memory in product(SUBJECTS, FAMILIES, MEMORIES):
        yield name_of(subject, family, memory), start(subject, family, memory)


@cache
def _by_name() -> Mapping[str, Preset]:
    return dict(starts())


def preset_start(name: str) -> Preset | None:
    """The starting point of this name; None where it is none's."""
    return _by_name().get(name)
