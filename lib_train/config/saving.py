"""Which files are written, when, and of which weights."""

from dataclasses import dataclass

from lib_train.config.fields import BASIC, option, used_when
from lib_train.texts import say

_SAVING = "saving"
_WHEN = "decides which files there are, and each tells its own step and epoch"
_AVERAGED = used_when(say("ema is off"), {"ema": ("instead", "beside")})


@dataclass(frozen=True, kw_only=True)
class SavingConfig:
    """Checkpoints, states, and the average of the weights, under OneTrainer's names: sd-scripts has none."""

    save_every_n_epochs: int | None = option(
        1,
        "Write a checkpoint every n epochs.",
        low=1,
        off=0,
        level=BASIC,
        group=_SAVING,
        no_key=_WHEN,
    )
    save_every_n_steps: int | None = option(
        None,
        "Write a checkpoint every n steps.",
        low=1,
        off=0,
        group=_SAVING,
        no_key=_WHEN,
    )
    save_precision: str = option(
        "fp16",
        "Number format of checkpoints.",
        choices=("fp16", "bf16", "float"),
        group=_SAVING,
        no_key="the number format of the tensors tells it",
    )
    save_state_every_n_steps: int | None = option(
        None,
        "Keep a state to resume from every n steps too, not only with each checkpoint.",
        low=1,
        off=0,
        group=_SAVING,
        no_key=_WHEN,
    )
    ema: str = option(
        "off",
        "Exponential moving average of the weights, which varies less from step to step than they do: saved `instead` "
        "of them, or `beside` them in files that end in -ema. Previews show it.",
        choices=("off", "instead", "beside"),
        group=_SAVING,
        label="Average of the weights (EMA)",
        key="ss_ema",
        key_sparse=True,
    )
    ema_decay: float = option(
        0.999,
        "How much of the average is kept at each update, at most: after n steps no more than (1 + n) / (10 + n). 0.999 "
        "goes back about 1000 updates; 0.99 to 0.998 for short runs.",
        low=0,
        high=0.99999,
        group=_SAVING,
        label="EMA decay",
        key="ss_ema_decay",
        key_sparse=True,
        used_when=_AVERAGED,
        step=0.001,
    )
    ema_update_step_interval: int = option(
        1,
        "Steps from one update of the average to the next; OneTrainer has 5.",
        low=1,
        high=10_000,
        group=_SAVING,
        label="EMA update interval",
        key="ss_ema_update_step_interval",
        key_sparse=True,
        used_when=_AVERAGED,
    )
    stop_when_learned: int | None = option(
        None,
        "Measure the loss of one fixed batch every n steps, with the same noise each time, and end the run with the "
        "epoch in which it has come to rest: when its variance over the last 200 steps is below 0.15 of that over all. "
        "More steps would teach nothing new. 10 is usual; empty is off. Resume goes on to the end that was planned.",
        low=1,
        high=50,
        off=0,
        group=_SAVING,
        label="Stop when learned",
        no_key="the file's own steps tell when it ended",
    )
    judge_after_training: bool = option(
        False,
        "Measure all checkpoints when training ends, and say which of them to take and why.",
        group=_SAVING,
        label="Judge after training",
        no_key="no number of the file depends on it",
    )
    log_with: str = option(
        "none",
        "Write the numbers of each step for TensorBoard too, into an event file in each run's folder: "
        "`tensorboard --logdir` on the output folder shows all runs. metrics.csv and the chart need nothing.",
        choices=("none", "tensorboard"),
        group=_SAVING,
        no_key="a record beside the file, no number of which depends on it",
    )
    training_comment: str = option(
        "",
        "Written into the file, such as how to use it.",
        group=_SAVING,
        label="Comment",
        key="ss_training_comment",
        key_none="",
    )

    @property
    def is_averaged(self) -> bool:
        """Whether an average of the weights is kept."""
        return self.ema != "off"
