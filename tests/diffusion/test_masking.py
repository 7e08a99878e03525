import pytest
import torch

from lib_train.diffusion.masking import MaskedMeans

ERRORS = torch.arange(1.0, 17.0).view(2, 2, 2, 2)
PRIOR = torch.full((2, 2, 2, 2), 3.0)
MASK = torch.tensor([[1.0, 0.5], [0.0, 0.0], [1.0, 1.0], [1.0, 1.0]]).view(2, 1, 2, 2)
EVEN = ERRORS.mean((1, 2, 3)).tolist()


def test_errors_count_by_the_mask_and_are_divided_by_the_whole_picture_as_in_sd_scripts():
    # apply_masked_loss of sd-scripts, commit 48d368f, with this mask as an alpha mask, and the mean after it.
    assert MaskedMeans()(ERRORS, MASK).tolist() == pytest.approx([(1 + 1 + 5 + 3) / 8, EVEN[1]])


def test_a_floor_keeps_a_part_of_what_is_masked():
    assert MaskedMeans(floor=0.1)(ERRORS, MASK)[0].item() == pytest.approx((10 + 0.1 * (3 + 4 + 7 + 8)) / 8)
    assert MaskedMeans(floor=1.0)(ERRORS, MASK).tolist() == pytest.approx(EVEN)


def test_pictures_count_alike_whatever_their_masks_when_they_are_normalised():
    found = MaskedMeans(normalised=True)(torch.full((2, 2, 2, 2), 5.0), MASK)
    assert found.tolist() == pytest.approx([5.0, 5.0])
    assert MaskedMeans(normalised=True)(ERRORS, torch.zeros(2, 1, 2, 2)).tolist() == [0.0, 0.0]


# masked_losses_with_prior of OneTrainer, commit 23df3832, and the mean after it.
@pytest.mark.parametrize("normalised", [False, True])
def test_what_is_masked_is_held_at_the_base_models_prediction(normalised):
    floor, weight = 0.1, 0.3
    inside = MASK.clamp(floor, 1)
    areas = (inside.mean((1, 2, 3)), (1 - inside).mean((1, 2, 3))) if normalised else (1, 1)
    first = (ERRORS * inside).mean((1, 2, 3)) / areas[0]
    second = (PRIOR * (1 - inside) * weight).mean((1, 2, 3))
    found = MaskedMeans(floor=floor, normalised=normalised, prior=weight)(ERRORS, MASK, PRIOR)
    assert found[0].item() == pytest.approx((first + second / areas[1])[0].item())
    assert found[1].item() == pytest.approx(EVEN[1])  # nothing of it is masked


def test_pictures_without_a_mask_are_plain_means():
    assert MaskedMeans(floor=0.5, normalised=True, prior=1.0)(ERRORS).tolist() == EVEN
