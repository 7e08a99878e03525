"""For which captions the base model's prediction is kept."""

from collections.abc import Callable

from lib_train.config.run import RunConfig
from lib_train.errors import Problem
from lib_train.texts import say


def trigger_of(config: RunConfig) -> str:
    """The trigger word that the class takes the place of."""
    return config.training.prior_preservation_trigger.strip() or config.dataset.caption_prefix.strip(" ,")


def kept_caption(config: RunConfig) -> Callable[[str], str] | None:
    """Makes of a caption the one that is kept; None where nothing is."""
    kind, word = config.training.prior_preservation, config.training.prior_preservation_class.strip()
    if kind == "off":
        return None
    if kind == "empty":
        return lambda caption: ""
    trigger = trigger_of(config)
    return lambda caption: caption.replace(trigger, word)


def problem_in_preservation(config: RunConfig) -> Problem | None:
    """No trigger word where the class takes the place of one."""
    if config.training.prior_preservation == "class" and not trigger_of(config):
        remedy = say("write the trigger word as captions have it, or set caption_prefix")
        return Problem("prior_preservation_trigger", "", remedy)
    return None
