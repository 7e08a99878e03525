"""What masks and prior preservation ask of pictures, and of the time that a step takes."""

from random import Random
from typing import NamedTuple

from lib_train.config.run import RunConfig
from lib_train.config.training import TrainingConfig
from lib_train.errors import Problem
from lib_train.pictures.captions import compose, steady
from lib_train.pictures.records import Scan
from lib_train.texts import say
from lib_train.training.preservation import trigger_of


class Passes(NamedTuple):
    """What a step computes for each picture beside its own forward and backward pass."""

    forward: int
    both: int
    """Forward passes with a backward one."""


def passes_of(training: TrainingConfig) -> Passes:
    """See ``Passes``."""
    kept = training.prior_preservation != "off"
    against_base = training.masked_prior_weight > 0 and (training.masked_loss or training.alpha_mask)
    return Passes(kept + against_base, int(kept))


def problems_with_pictures(config: RunConfig, scan: Scan) -> list[Problem]:
    """What is asked for, and none of the pictures has."""
    training, pictures = config.training, [picture for picture in scan.pictures if not picture.is_reg]
    found = []
    if training.masked_loss and not training.alpha_mask and pictures and not any(one.mask for one in scan.pictures):
        remedy = say("no picture has a mask: make masks of the pictures, or turn it off")
        found.append(Problem("masked_loss", True, remedy))
    if training.preserves_class and pictures and (trigger := trigger_of(config)):
        captions = (compose(one.caption, steady(config.dataset), Random(0), 1) for one in pictures)
        if not any(trigger in caption for caption in captions):
            name = "prior_preservation_trigger" if training.prior_preservation_trigger.strip() else "caption_prefix"
            remedy = say("no caption has it: write the trigger word as captions have it")
            found.append(Problem(name, trigger, remedy))
    return found


def notes_on_masks(config: RunConfig, scan: Scan) -> list[str]:
    """How many pictures are learned whole although masks count."""
    pictures = [picture for picture in scan.pictures if not picture.is_reg]
    bare = sum(picture.mask is None for picture in pictures)
    if not config.training.masked_loss or config.training.alpha_mask or not 0 < bare < len(pictures):
        return []
    return [say("masked_loss: {bare} of {count} pictures have no mask and are learned whole",
                bare=bare, count=len(pictures))]  # fmt: skip
