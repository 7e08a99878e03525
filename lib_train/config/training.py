"""How the weights are moved, for how long, and when files are written."""

from dataclasses import dataclass
from typing import Any

from lib_train.config import optimizers
from lib_train.config import training_checks as checks
from lib_train.config.blocks import IS_PRODUCT, PLUS, PLUS_OF_TEXT, PLUS_OF_UNET, BlockRates, problem_in_rates
from lib_train.config.checking import checked
from lib_train.config.fields import BASIC, SET, option, used_when
from lib_train.config.loss import LossConfig
from lib_train.config.masked import MaskConfig, PreservationConfig
from lib_train.config.noise import NoiseConfig
from lib_train.config.saving import SavingConfig
from lib_train.config.text import TextConfig
from lib_train.config.timesteps import TimestepConfig
from lib_train.config.validation import ValidationConfig
from lib_train.texts import say

OPTIMIZERS = (*optimizers.SCHEDULED, *optimizers.SCHEDULE_FREE)
SCHEDULES = (
    "constant", "constant_with_warmup", "linear", "cosine", "cosine_with_restarts", "polynomial", "adafactor"
)  # fmt: skip
_RATES, _LENGTH, _MEMORY = "rates", "length", "precision and memory"


@dataclass(frozen=True, kw_only=True)
class TrainingConfig(
    SavingConfig, BlockRates, TextConfig, ValidationConfig, PreservationConfig, MaskConfig, LossConfig,
    TimestepConfig, NoiseConfig,
):  # fmt: skip
    """Rates, length, noise, precision and saving. An instance is always valid."""

    max_train_epochs: int | None = option(
        10,
        "Passes over all pictures.",
        low=1,
        off=0,
        level=BASIC,
        group=_LENGTH,
        label="Epochs",
        used_when=used_when(say("max_train_steps is set"), {"max_train_steps": (None,)}),
        told_in="ss_num_epochs",
    )
    max_train_steps: int | None = option(
        None,
        "Optimizer steps; when set, it takes the place of max_train_epochs.",
        low=1,
        off=0,
        group=_LENGTH,
        label="Training steps",
        told_in="ss_max_train_steps",
    )
    train_batch_size: int = option(
        1,
        "Pictures in each forward pass.",
        low=1,
        high=1024,
        level=BASIC,
        group=_LENGTH,
        label="Batch size",
        key="ss_batch_size_per_device",
        slider=(1, 16, 1),
    )
    gradient_accumulation_steps: int = option(
        1,
        "Forward passes for each optimizer step.",
        low=1,
        high=1024,
        group=_LENGTH,
        label="Gradient accumulation",
        key="ss_gradient_accumulation_steps",
        slider=(1, 16, 1),
    )
    seed: int = option(
        42,
        "Seed of all random numbers: same seed, data and settings give the same file.",
        low=0,
        high=2**32 - 1,
        group=_LENGTH,
        key="ss_seed",
    )

    learning_rate: float = option(
        1e-4,
        "Learning rate of the parts that have none of their own.",
        low=0,
        high=1000,
        level=BASIC,
        group=_RATES,
        key="ss_learning_rate",
        used_when=used_when(
            say("unet_lr and text_encoder_lr are set"), {"unet_lr": (None,)}, {"text_encoder_lr": (None,)}
        ),
        step=1e-5,
    )
    unet_lr: float | None = option(
        None,
        "Learning rate of the U-Net; 0 freezes it, empty takes learning_rate.",
        low=0,
        high=1000,
        level=BASIC,
        group=_RATES,
        label="U-Net learning rate",
        step=1e-5,
        told_in="ss_unet_lr",
    )
    text_encoder_lr: float | None = option(
        None,
        "Learning rate of the text encoder; 0 freezes it, empty takes learning_rate.",
        low=0,
        high=1000,
        level=BASIC,
        group=_RATES,
        label="Text encoder learning rate",
        step=1e-5,
        told_in="ss_text_encoder_lr",
    )
    text_encoder_lr2: float | None = option(
        None,
        "Learning rate of SDXL's second text encoder; 0 freezes it, empty takes that of the first.",
        low=0,
        high=1000,
        group=_RATES,
        label="Second text encoder learning rate",
        used_when=used_when(say("only SDXL has a second text encoder"), {"family": ("sdxl",)}),
        step=1e-5,
        told_in="ss_text_encoder_lr",
    )
    text_encoder_stop: float = option(
        1.0,
        "Share of the run in which the text encoder is trained; afterwards it stays as it is.",
        low=0.01,
        high=1,
        group=_RATES,
        label="Text encoder until",
        used_when=used_when(
            say("the text encoder is not trained"),
            {"text_encoder_lr": (None,)}, {"text_encoder_lr": SET}, {"text_encoder_lr2": SET},
        ),
        slider=(0.05, 1, 0.05), key="ss_text_encoder_stop", key_sparse=True,
    )  # fmt: skip
    loraplus_lr_ratio: float | None = option(
        None,
        "LoRA+: the up matrices learn so many times faster; 16 is usual, 0 or empty is off.",
        low=0.01,
        off=0,
        high=1000,
        group=_RATES,
        label="LoRA+ ratio",
        used_when=PLUS,
        told_in="ss_network_args",
    )
    loraplus_unet_lr_ratio: float | None = option(
        None,
        "The same for the U-Net alone; empty takes loraplus_lr_ratio.",
        low=0.01,
        off=0,
        high=1000,
        group=_RATES,
        label="LoRA+ ratio of the U-Net",
        used_when=PLUS_OF_UNET,
        told_in="ss_network_args",
    )
    loraplus_text_encoder_lr_ratio: float | None = option(
        None,
        "The same for the text encoder alone; empty takes loraplus_lr_ratio.",
        low=0.01,
        off=0,
        high=1000,
        group=_RATES,
        label="LoRA+ ratio of the text encoder",
        used_when=PLUS_OF_TEXT,
        told_in="ss_network_args",
    )
    optimizer_type: str = option(
        "AdamW",
        "Algorithm that updates the weights from the gradients.",
        choices=OPTIMIZERS,
        level=BASIC,
        group=_RATES,
        label="Optimizer",
        told_in="ss_optimizer",
    )
    optimizer_args: dict[str, Any] = option(
        {},
        'Further arguments of the optimizer, such as {"weight_decay": 0.1}.',
        group=_RATES,
        label="Optimizer arguments",
        told_in="ss_optimizer",
    )
    lr_scheduler: str = option(
        "cosine",
        "How the learning rate changes over the run; `adafactor` leaves it to Adafactor, which needs no learning rate.",
        choices=SCHEDULES,
        level=BASIC,
        group=_RATES,
        label="Learning rate schedule",
        key="ss_lr_scheduler",
        used_when=optimizers.USES_SCHEDULE,
    )
    lr_warmup_steps: float = option(
        0.0,
        "Steps in which the learning rate rises from 0; below 1 it is a share of the run.",
        low=0,
        group=_RATES,
        label="Warmup steps",
        told_in="ss_lr_warmup_steps",
    )
    lr_scheduler_num_cycles: int = option(
        1,
        "Restarts of cosine_with_restarts.",
        low=1,
        high=1000,
        group=_RATES,
        label="Cycles",
        used_when=optimizers.OF_RESTARTS,
        slider=(1, 10, 1),
        key="ss_lr_scheduler_num_cycles",
        key_sparse=True,
    )
    lr_scheduler_power: float = option(
        1.0,
        "Exponent of polynomial.",
        low=0.01,
        high=100,
        group=_RATES,
        label="Power",
        used_when=optimizers.OF_POLYNOMIAL,
        step=0.1,
        key="ss_lr_scheduler_power",
        key_sparse=True,
    )
    max_grad_norm: float = option(
        1.0,
        "Clip gradients to this norm; 0 is off.",
        low=0,
        group=_RATES,
        label="Gradient norm",
        key="ss_max_grad_norm",
        step=0.1,
    )
    scale_weight_norms: float | None = option(
        None,
        "Each layer's update is shortened to this norm after every step; 1 is usual, 0 or empty is off.",
        low=0.001,
        off=0,
        high=1000,
        group=_RATES,
        label="Norm of each layer",
        key="ss_scale_weight_norms",
        used_when=IS_PRODUCT,
        step=0.1,
    )

    mixed_precision: str = option(
        "auto",
        "Number format of the forward and backward pass: auto takes bf16 or fp16 on a GPU and no on a CPU.",
        choices=("auto", "no", "fp16", "bf16"),
        group=_MEMORY,
        told_in="ss_mixed_precision",
    )
    gradient_checkpointing: bool = option(
        False,
        "Recompute activations in the backward pass: less memory, slower.",
        group=_MEMORY,
        key="ss_gradient_checkpointing",
    )

    def __post_init__(self) -> None:
        checked(
            self, checks.some_length, checks.some_rate, checks.timesteps, checks.whole_warmup, checks.chunks,
            checks.something_left, checks.kept_class, problem_in_rates, optimizers.problem_beside,
        )  # fmt: skip

    @property
    def optimizer_options(self) -> dict[str, Any]:
        """See ``optimizer_options``."""
        return optimizers.optimizer_options(self.optimizer_type, self.optimizer_args, self.lr_scheduler)

    @property
    def rates(self) -> dict[str, float]:
        """Learning rate of each part that is trained: "unet", "text_encoder", of which SDXL has two."""
        rates = {"unet": self.learning_rate if self.unet_lr is None else self.unet_lr}
        rates["text_encoder"] = next((rate for rate in self.text_encoder_rates if rate > 0), 0.0)
        return {part: rate for part, rate in rates.items() if rate > 0}

    def plus_ratio(self, part: str) -> float:
        """LoRA+'s factor on the rate of a part's up matrices; 1 where it is off."""
        own = {"unet": self.loraplus_unet_lr_ratio, "text_encoder": self.loraplus_text_encoder_lr_ratio}[part]
        return own or self.loraplus_lr_ratio or 1.0

    @property
    def text_encoder_rates(self) -> tuple[float, float]:
        """Of the first text encoder, and of SDXL's second."""
        first = self.learning_rate if self.text_encoder_lr is None else self.text_encoder_lr
        return first, first if self.text_encoder_lr2 is None else self.text_encoder_lr2
