"""What settings of a training must be beside each other: each gives the problem, or None."""

from typing import Any

from lib_train.config.optimizers import SCHEDULE_FREE
from lib_train.errors import Problem
from lib_train.texts import say


def some_length(config: Any) -> Problem | None:
    """Epochs or steps."""
    if config.max_train_epochs is None and config.max_train_steps is None:
        return Problem("max_train_epochs", None, say("set it, or max_train_steps"))
    return None


def some_rate(config: Any) -> Problem | None:
    """Something is trained."""
    if not config.rates:
        return Problem("learning_rate", config.learning_rate, say("unet_lr or text_encoder_lr must be above 0"))
    return None


def timesteps(config: Any) -> Problem | None:
    """A range with something in it."""
    if config.min_timestep >= config.max_timestep:
        return Problem(
            "min_timestep",
            config.min_timestep,
            say("must be below max_timestep, {max_timestep}", max_timestep=config.max_timestep),
        )
    return None


def whole_warmup(config: Any) -> Problem | None:
    """Whole steps, and a schedule that has some."""
    warmup = config.lr_warmup_steps
    if warmup >= 1 and warmup != int(warmup):
        return Problem("lr_warmup_steps", warmup, say("give whole steps, or a share below 1"))
    if warmup and config.lr_scheduler == "constant" and config.optimizer_type not in SCHEDULE_FREE:
        return Problem("lr_warmup_steps", warmup, say("set lr_scheduler to constant_with_warmup, or this to 0"))
    return None


def chunks(config: Any) -> Problem | None:
    """Chunks of 75."""
    if config.max_token_length % 75:
        return Problem("max_token_length", config.max_token_length, say("must be a multiple of 75: 75, 150, 225 ..."))
    return None


def something_left(config: Any) -> Problem | None:
    """Something to train when the text encoder has stopped."""
    if config.text_encoder_stop < 1 and "unet" not in config.rates:
        return Problem("text_encoder_stop", config.text_encoder_stop, say("nothing is left to train then: set it to 1"))
    return None


def kept_class(config: Any) -> Problem | None:
    """A class where it takes the place of the trigger word."""
    if config.preserves_class and not config.prior_preservation_class.strip():
        remedy = say("write the class in a word, such as girl; or set prior_preservation to empty")
        return Problem("prior_preservation_class", config.prior_preservation_class, remedy)
    return None


def second_text_encoder(config: Any, family: str) -> Problem | None:
    """A rate of a text encoder that only SDXL has, where nothing else of the text encoder is trained."""
    if family != "sdxl" and not config.text_encoder_rates[0] and config.text_encoder_rates[1]:
        remedy = say("only SDXL has a second text encoder: set text_encoder_lr, or leave this empty")
        return Problem("text_encoder_lr2", config.text_encoder_lr2, remedy)
    return None
