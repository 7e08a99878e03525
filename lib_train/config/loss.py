"""How errors are measured, and how much each picture and timestep counts."""

from dataclasses import dataclass

from lib_train.config.fields import SET, option, used_when
from lib_train.config.noise import SHAPE, WEIGHTS
from lib_train.texts import say

_HUBER = used_when(say("only huber and smooth_l1 read it"), {"loss_type": ("huber", "smooth_l1")})


@dataclass(frozen=True, kw_only=True)
class LossConfig:
    """The loss and its weights."""

    min_snr_gamma: float | None = option(
        None,
        "Min-SNR weighting: limits the loss of timesteps with little noise; 5 is usual, 0 or empty is off.",
        low=0.01,
        off=0,
        group=WEIGHTS,
        label="Min-SNR gamma",
        key="ss_min_snr_gamma",
        slider=(0, 20, 0.5),
    )
    soft_min_snr_gamma: float | None = option(
        None,
        "Min-SNR weighting with a soft limit instead; 5 is usual, 0 or empty is off.",
        low=0.01,
        off=0,
        group=WEIGHTS,
        label="Soft Min-SNR gamma",
        key="ss_soft_min_snr_gamma",
        key_sparse=True,
        slider=(0, 20, 0.5),
    )
    p2_gamma: float | None = option(
        None,
        "P2 weighting: timesteps with little noise count less; 1 is usual, 0 or empty is off.",
        low=0.01,
        off=0,
        high=10,
        group=WEIGHTS,
        label="P2 gamma",
        key="ss_p2_gamma",
        key_sparse=True,
        slider=(0, 2, 0.1),
    )
    debiased_estimation_loss: bool = option(
        False,
        "Weighs each timestep by 1 / sqrt(SNR), and by 1 / (SNR + 1) where the model predicts v, as in sd-scripts.",
        group=WEIGHTS,
        key="ss_debiased_estimation",
    )
    scale_v_pred_loss_like_noise_pred: bool = option(
        False,
        "Weighs the loss of v as that of the noise which follows from it: SNR / (SNR + 1).",
        group=WEIGHTS,
        label="Scale the loss of v like that of noise",
        key="ss_scale_v_pred_loss_like_noise_pred",
        key_sparse=True,
        used_when=used_when(say("the model does not predict v"), {"predicts": ("v",)}),
    )
    v_pred_like_loss: float | None = option(
        None,
        "Adds so many times the loss of v which follows from the predicted noise; 0 or empty is off.",
        low=0.001,
        off=0,
        high=10,
        group=WEIGHTS,
        label="Loss of v beside that of noise",
        key="ss_v_pred_like_loss",
        key_sparse=True,
        used_when=used_when(say("the model predicts v itself"), {"predicts": ("epsilon",)}),
        slider=(0, 1, 0.05),
    )
    loss_type: str = option(
        "l2",
        "How errors count: `l2` squared, `l1` as they are, `huber` and `smooth_l1` squared where they are small, so "
        "that pictures unlike the others count less.",
        choices=("l2", "l1", "huber", "smooth_l1"),
        group=SHAPE,
        key="ss_loss_type",
    )
    huber_schedule: str = option(
        "snr",
        "Limit of small errors at each timestep: everywhere huber_c, or falling to it as noise grows.",
        choices=("constant", "exponential", "snr"),
        group=SHAPE,
        key="ss_huber_schedule",
        used_when=_HUBER,
    )
    huber_c: float = option(
        0.1,
        "Limit up to which errors count as small, where there is most noise.",
        low=1e-4,
        high=1,
        group=SHAPE,
        label="Huber limit",
        key="ss_huber_c",
        used_when=_HUBER,
        slider=(0.01, 1, 0.01),
    )
    huber_scale: float = option(
        1.0,
        "Multiplies the limit of the schedules constant and exponential.",
        low=1e-3,
        high=1000,
        group=SHAPE,
        key="ss_huber_scale",
        used_when=used_when(
            say("only huber and smooth_l1 with constant or exponential read it"),
            {"loss_type": ("huber", "smooth_l1"), "huber_schedule": ("constant", "exponential")},
        ),
        step=0.1,
    )
    prior_loss_weight: float = option(
        1.0,
        "Weight of regularisation pictures in the loss.",
        low=0,
        high=100,
        group=WEIGHTS,
        key="ss_prior_loss_weight",
        used_when=used_when(say("there are no regularisation pictures"), {"regularisation": SET}),
        slider=(0, 2, 0.05),
    )
