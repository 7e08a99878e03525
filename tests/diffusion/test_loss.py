import pytest
import torch

from lib_train.diffusion.loss import HuberErrors, absolute_errors, huber_thresholds, picture_means, squared_errors
from lib_train.diffusion.schedule import alphas_cumprod, with_zero_terminal_snr

NO_TIMESTEPS = torch.zeros(0)
TIMESTEPS = torch.tensor([0, 100, 500, 999])
THRESHOLDS = {
    "constant": [0.2, 0.2, 0.2, 0.2],
    "exponential": [2.0, 1.58866, 0.632456, 0.200461],
    "snr": [0.949709, 0.598297, 0.231284, 0.103691],
}
"""``get_huber_threshold_if_needed`` of sd-scripts, commit 48d368f, with huber_c 0.1 and huber_scale 2, at TIMESTEPS."""
HUBER = {"constant": [0.0642221, 0.0331371, 0.211204, 0.60469], "snr": [0.0682379, 0.0344526, 0.234029, 0.686624]}
SMOOTH = {"constant": [0.32111, 0.165685, 1.05602, 3.02345], "snr": [0.29504, 0.148962, 1.01187, 2.96875]}
"""Its ``conditional_loss`` at timestep 500, of the errors -0.3, 0.2, 0.7 and 1.7."""


def test_each_picture_has_the_mean_of_its_own_squared_errors():
    predicted, target = torch.zeros(2, 4, 2, 3), torch.zeros(2, 4, 2, 3)
    predicted[0], predicted[1, 0, 0, 0] = 3.0, 12.0
    assert picture_means(squared_errors(predicted, target, NO_TIMESTEPS)).tolist() == [9.0, 6.0]
    assert picture_means(absolute_errors(-predicted, target, NO_TIMESTEPS)).tolist() == [3.0, 0.5]


def test_half_precision_is_left_before_squaring():
    large = torch.full((1, 4, 8, 8), 300.0, dtype=torch.float16)  # its square overflows in 16 bits
    losses = picture_means(squared_errors(large, torch.zeros(1, 4, 8, 8), NO_TIMESTEPS))
    assert losses.dtype == torch.float32
    assert losses.tolist() == [90000.0]
    (huber,) = picture_means(HuberErrors(torch.ones(1000))(large, torch.zeros(1, 4, 8, 8), torch.tensor([3])))
    assert huber.item() == pytest.approx(2 * (90001**0.5 - 1), rel=1e-6)


@pytest.mark.parametrize("schedule", THRESHOLDS)
def test_huber_thresholds_are_those_of_sd_scripts(schedule):
    found = huber_thresholds(schedule, alphas_cumprod(), 0.1, 2.0)
    assert found.dtype == torch.float32
    assert found[TIMESTEPS].tolist() == pytest.approx(THRESHOLDS[schedule], rel=1e-4)


def test_huber_threshold_at_pure_noise_is_the_least_one():
    assert huber_thresholds("snr", with_zero_terminal_snr(alphas_cumprod()), 0.1, 1.0)[-1].item() == pytest.approx(0.1)


@pytest.mark.parametrize("schedule", HUBER)
@pytest.mark.parametrize("smooth", [False, True])
def test_huber_and_smooth_l1_errors_are_those_of_sd_scripts(schedule, smooth):
    predicted = torch.tensor([0.0, 0.5, 1.0, 2.0]).view(1, 1, 2, 2).expand(2, 1, 2, 2)
    errors = HuberErrors(huber_thresholds(schedule, alphas_cumprod(), 0.1, 2.0), smooth=smooth)
    found = errors(predicted, torch.full((2, 1, 2, 2), 0.3), torch.tensor([0, 500]))
    expected = (SMOOTH if smooth else HUBER)[schedule]
    assert found[1].flatten().tolist() == pytest.approx(expected, rel=1e-4)
    same = torch.equal(found[0], found[1])
    assert same == (schedule == "constant")  # each picture has the limit of its own timestep


def test_huber_errors_are_squared_where_they_are_small_and_grow_evenly_where_they_are_large():
    errors = HuberErrors(torch.full((1000,), 0.5))
    found = errors(torch.tensor([0.01, 100.0, 101.0]).view(3, 1, 1, 1), torch.zeros(3, 1, 1, 1), torch.zeros(3).long())
    small, large, larger = found.flatten().tolist()
    assert small == pytest.approx(0.01**2, rel=1e-2)
    assert larger - large == pytest.approx(2 * 0.5, rel=1e-3)
