"""How pictures are tagged, and what of it becomes their captions."""

from dataclasses import dataclass

from lib_train.config.checking import checked
from lib_train.config.fields import BASIC, option
from lib_train.errors import Problem
from lib_train.texts import say

MODES = ("missing", "overwrite", "append", "prepend")
CATEGORIES = ("general", "character", "copyright", "artist", "meta", "model", "quality")


@dataclass(frozen=True, kw_only=True)
class TaggingConfig:
    """Which tagger, which of its tags, and where they go. An instance is always valid."""

    tagger: str = option(
        "", "Kind of tagger: wd, cl or joytag, or one that the WebUI brings: deepbooru or blip; empty goes by the "
        "files beside the model.", level=BASIC, label="Tagger",
    )  # fmt: skip
    model: str = option(
        "", "File of the tagger (.safetensors or .onnx), or the name that it is found by; empty takes the first that "
        "is found.", level=BASIC, label="Model",
    )  # fmt: skip
    tagger_folder: str = option(
        "", "Folder in which taggers are looked for first, and into which they are fetched; those of the WebUI are "
        "looked through too.", label="Folder of taggers",
    )  # fmt: skip
    general_threshold: float | None = option(
        None, "Score from which on a tag counts; empty takes what the tagger is usually run with (WD 0.35, JoyTag 0.4, "
        "DeepBooru 0.5).", low=0, high=1, step=0.05, level=BASIC, label="Threshold",
    )  # fmt: skip
    character_threshold: float = option(
        0.85, "The same for names: characters, copyrights, artists.", low=0, high=1, step=0.05, level=BASIC,
        label="Threshold of names",
    )  # fmt: skip
    mcut: bool = option(
        False, "Thresholds of each picture's own, where its scores fall deepest; for names at least 0.15.",
        label="Threshold by the largest gap",
    )  # fmt: skip
    tag_categories: tuple[str, ...] = option(
        ("general", "character"), "Kinds of tags that are taken: general, character, copyright, artist, meta, model, "
        "quality.", label="Kinds of tags",
    )  # fmt: skip
    keep_rating: bool = option(False, "The likeliest rating becomes the last tag.", label="Keep the rating")
    keep_underscores: bool = option(
        False, "Tags as they are written on Danbooru; otherwise with spaces, but for emoticons such as ^_^.",
        label="Keep underscores",
    )  # fmt: skip
    exclude_tags: tuple[str, ...] = option((), "Tags that are never taken.", level=BASIC, label="Leave out")
    trigger_word: str = option(
        "",
        "Comes first in each caption that is written, but for regularisation pictures.",
        level=BASIC,
        label="Trigger word",
    )
    mode: str = option(
        "missing", "Pictures without a caption alone; or every picture: instead of its caption, behind it, or before "
        "it.", choices=MODES, level=BASIC, label="Captions that are there",
    )  # fmt: skip
    tag_batch_size: int | None = option(
        None, "Pictures at a time; empty takes the tagger's own number.", low=1, high=256, label="Batch size"
    )

    def __post_init__(self) -> None:
        checked(self, _categories)


def _categories(config: TaggingConfig) -> Problem | None:
    strange = [one for one in config.tag_categories if one not in CATEGORIES]
    if strange:
        return Problem("tag_categories", ", ".join(strange), say("choose of {known}", known=", ".join(CATEGORIES)))
    return None
