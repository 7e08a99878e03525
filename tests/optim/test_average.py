import pytest
import torch
from torch import nn

from lib_train.optim.average import MovingAverage, OwnAverage, decay_after
from lib_train.optim.optimizers import create


def of_values(*values, decay=0.999, every=1):
    """The average of one number after each of these values of it."""
    parameter = nn.Parameter(torch.tensor([0.0], dtype=torch.float64))
    average, found = MovingAverage([parameter], decay, every), []
    for step, value in enumerate(values, 1):
        with torch.no_grad():
            parameter.fill_(value)
        average.update(step)
        found.append(average.tensors()["0"].item())
    return found


def test_decay_rises_to_what_is_set_as_in_onetrainer():
    """min((1 + n) / (10 + n), decay) of EMAModule.py, whose first step is n = 0."""
    assert [decay_after(n + 1, 0.9999) for n in range(3)] == [1 / 10, 2 / 11, 3 / 12]
    assert decay_after(10**9, 0.9999) == 0.9999
    assert decay_after(5, 0.2) == 0.2


def test_average_is_that_of_the_formula():
    found = of_values(1.0, 3.0, -2.0, decay=0.15)
    expected, before = [], 0.0
    for value, decay in ((1.0, 0.1), (3.0, 0.15), (-2.0, 0.15)):
        before = decay * before + (1 - decay) * value
        expected.append(before)
    assert found == pytest.approx(expected, abs=1e-15)


def test_average_is_updated_every_so_many_steps():
    assert of_values(1.0, 2.0, 3.0, 4.0, decay=0.0, every=2) == [0.0, 2.0, 2.0, 4.0]


def test_average_is_shown_in_the_parameters_and_their_own_values_come_back_to_the_bit():
    chance = torch.Generator().manual_seed(0)
    parameters = [nn.Parameter(torch.randn(5, generator=chance)), nn.Parameter(torch.randn(2, 3, generator=chance))]
    average = MovingAverage(parameters, 0.9, 1)
    with torch.no_grad():
        for parameter in parameters:
            parameter.mul_(1.7)
    average.update(30)
    before, places = [p.detach().clone() for p in parameters], [p.data_ptr() for p in parameters]
    with pytest.raises(KeyError), average.shown():
        assert all(torch.equal(p, a) for p, a in zip(parameters, average.tensors().values(), strict=True))
        assert not torch.equal(parameters[0], before[0])
        raise KeyError
    assert all(torch.equal(p, own) for p, own in zip(parameters, before, strict=True))
    assert [p.data_ptr() for p in parameters] == places


def test_average_goes_on_from_its_tensors_and_begins_anew_without_any():
    parameter = nn.Parameter(torch.tensor([2.0]))
    first, second = MovingAverage([parameter], 0.5, 1), MovingAverage([parameter], 0.5, 1)
    with torch.no_grad():
        parameter.fill_(6.0)
    first.update(100)
    second.load(first.tensors())
    assert second.tensors()["0"].item() == 4.0
    first.update(101)
    assert second.tensors()["0"].item() == 4.0  # a copy
    second.load({})
    assert second.tensors()["0"].item() == 6.0


def test_average_of_a_schedule_free_optimizer_is_that_of_its_paper():
    """https://arxiv.org/abs/2405.15682: z -= rate * gradient at y; x = (1 - 1 / t) x + z / t; y = (1 - b) z + b x."""
    b, rate, parameter = 0.9, 0.1, nn.Parameter(torch.tensor([1.0, -2.0], dtype=torch.float64))
    optimizer = create("SGDScheduleFree", {"unet": [parameter]}, {"unet": rate}, {"momentum": b})
    average = OwnAverage(optimizer)
    z = x = y = parameter.detach().clone()
    for step in range(1, 8):
        gradient = 3 * y**2 + step
        z = z - rate * gradient
        x = x + (z - x) / step
        y = (1 - b) * z + b * x
        (parameter.pow(3) + step * parameter).sum().backward()
        optimizer.step()
        average.update(step)
        optimizer.param_groups[0]["params"][0].grad.zero_()
        before = parameter.detach().clone()
        torch.testing.assert_close(before, y, rtol=1e-9, atol=1e-9)
        with average.shown():
            torch.testing.assert_close(parameter.detach(), x, rtol=1e-9, atol=1e-9)
            assert not torch.equal(parameter, before) or step == 1
        assert torch.equal(parameter, before)
    assert average.tensors() == {}
