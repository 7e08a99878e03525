import torch

from lib_train.diffusion.loss import picture_means, squared_errors


def test_each_picture_has_the_mean_of_its_own_squared_errors():
    predicted, target = torch.zeros(2, 4, 2, 3), torch.zeros(2, 4, 2, 3)
    predicted[0], predicted[1, 0, 0, 0] = 3.0, 12.0
    assert picture_means(squared_errors(predicted, target)).tolist() == [9.0, 6.0]


def test_half_precision_is_left_before_squaring():
    large = torch.full((1, 4, 8, 8), 300.0, dtype=torch.float16)  # its square overflows in 16 bits
    losses = picture_means(squared_errors(large, torch.zeros(1, 4, 8, 8)))
    assert losses.dtype == torch.float32
    assert losses.tolist() == [90000.0]
