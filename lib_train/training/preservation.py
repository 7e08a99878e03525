"""For which captions the base model's prediction is kept."""

from collections.abc import Callable

from lib_train.config.run import RunConfig
from lib_train.errors import Problem
from lib_train.texts import say


def trigger_of(config: RunConfig) -> str:
    """The trigger word that the class takes the place of."""
    return config.training.prior_preservation_trigger.strip() or config.dataset.caption_prefix.strip(" ,")


def kept_captions(config: RunConfig) -> tuple[Callable[[str], str], ...]:
    """Each makes of a caption one that is kept, all of them as often; none where nothing is."""
    training, trigger = config.training, trigger_of(config)
    found: list[Callable[[str], str]] = []
    if training.preserves_class:
        found.append(lambda caption: caption.replace(trigger, training.prior_preservation_class.strip()))
    if training.prior_preservation in ("empty", "both"):
        found.append(lambda caption: "")
    return tuple(found)


def problem_in_preservation(config: RunConfig) -> Problem | None:
    """No trigger word where the class takes the place of one."""
    if config.training.preserves_class and not trigger_of(config):
        remedy = say("write the trigger word as captions have it, or set caption_prefix")
        return Problem("prior_preservation_trigger", "", remedy)
    return None
