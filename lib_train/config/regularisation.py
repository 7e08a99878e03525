"""Which regularisation pictures are made from a class prompt."""

from dataclasses import dataclass

from lib_train.config.checking import checked
from lib_train.config.fields import BASIC, option
from lib_train.errors import Problem
from lib_train.texts import say

CAPTIONED_BY = ("prompt", "class")


@dataclass(frozen=True, kw_only=True)
class RegularisationConfig:
    """What the pictures show, how many there are and where they go. An instance is always valid."""

    class_word: str = option(
        "", "The class in a word, such as girl: it names the folder `<repeats>_<class>`.", level=BASIC, label="Class"
    )
    class_prompt: str = option(
        "", "What the pictures show, such as `1girl, {standing|sitting|lying}`. One of the words in braces is taken by "
        "the seed; `__poses__` takes a line of poses.txt in a folder of wildcards. LoRAs are left out.", level=BASIC,
        label="Class prompt",
    )  # fmt: skip
    class_negative_prompt: str = option("", "What they should not show.", level=BASIC, label="Negative prompt")
    num_class_images: int = option(
        100, "Pictures in all; those that are there already count.", low=1, high=10_000, level=BASIC, label="Pictures"
    )
    class_repeats: int = option(
        1, "Times that each of them counts in an epoch.", low=1, high=10_000, level=BASIC, label="Repeats"
    )
    class_seed: int = option(
        1, "Seed of the first picture; the second has the next one, and so on.", low=0, high=2**32 - 1, level=BASIC,
        label="Seed",
    )  # fmt: skip
    class_sampler: str = option("Euler a", "Name of the sampler.", level=BASIC, label="Sampling method")
    class_steps: int = option(20, "Sampling steps.", low=1, high=150, level=BASIC, label="Sampling steps")
    class_cfg_scale: float = option(
        7.0, "How closely the prompt is followed.", low=1, high=30, step=0.5, level=BASIC, label="CFG Scale"
    )
    class_caption: str = option(
        "prompt", "What the captions say: the prompt that was used, or the class alone.", choices=CAPTIONED_BY,
        label="Captions",
    )  # fmt: skip
    class_width: int | None = option(
        None, "Pixels; empty gives each picture the size of a bucket of the training pictures, in their proportions.",
        low=64, high=4096, step=64, label="Width",
    )  # fmt: skip
    class_height: int | None = option(
        None, "Pixels; empty as the width is.", low=64, high=4096, step=64, label="Height"
    )
    wildcard_folder: str = option(
        "", "Folder of .txt files with a line for each alternative; those of the WebUI are looked through too.",
        label="Folder of wildcards",
    )  # fmt: skip

    def __post_init__(self) -> None:
        checked(self, _words, _sides)

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height of all pictures; None where the buckets say it."""
        return (self.class_width, self.class_height) if self.class_width and self.class_height else None


def _words(config: RegularisationConfig) -> Problem | None:
    if not config.class_word.strip():
        return Problem("class_word", config.class_word, say("write the class in a word, such as girl"))
    if not config.class_prompt.strip():
        return Problem("class_prompt", config.class_prompt, say("write what the pictures show, such as 1girl"))
    return None


def _sides(config: RegularisationConfig) -> Problem | None:
    sides = {"class_width": config.class_width, "class_height": config.class_height}
    for name, side in sides.items():
        if side is not None and side % 8:
            return Problem(name, side, say("must be a multiple of 8, best of 64"))
    if len([side for side in sides.values() if side]) == 1:
        empty = "class_width" if config.class_width is None else "class_height"
        return Problem(empty, None, say("give both sides, or leave both empty"))
    return None
