"""Which files are written, and when."""

from dataclasses import dataclass

from lib_train.config.fields import BASIC, option

_SAVING = "saving"


@dataclass(frozen=True, kw_only=True)
class SavingConfig:
    """Checkpoints and states."""

    save_every_n_epochs: int | None = option(
        1, "Write a checkpoint every n epochs.", low=1, off=0, level=BASIC, group=_SAVING
    )
    save_every_n_steps: int | None = option(None, "Write a checkpoint every n steps.", low=1, off=0, group=_SAVING)
    save_precision: str = option(
        "fp16", "Number format of checkpoints.", choices=("fp16", "bf16", "float"), group=_SAVING
    )
    save_state_every_n_steps: int | None = option(
        None,
        "Keep a state to resume from every n steps too, not only with each checkpoint.",
        low=1,
        off=0,
        group=_SAVING,
    )
    training_comment: str = option(
        "",
        "Written into the file, such as how to use it.",
        group=_SAVING,
        label="Comment",
        key="ss_training_comment",
        key_none="",
    )
