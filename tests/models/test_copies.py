import torch
from torch import nn

from lib_train.models.copies import filled_copy


class Twice(nn.Module):
    """A layer under two names, a plain attribute, a buffer with a name in files and one without."""

    def __init__(self) -> None:
        super().__init__()
        self.first = self.same = nn.Linear(2, 3)
        self.sizes = [1, 2]
        self.register_buffer("mean", torch.zeros(3))
        self.register_buffer("places", torch.arange(3, device="cpu"), persistent=False)


def blank_and_weights() -> tuple[Twice, dict[str, torch.Tensor]]:
    with torch.device("meta"):
        blank = Twice()
    chance = torch.Generator().manual_seed(0)
    first = {name: torch.randn(tensor.shape, generator=chance) for name, tensor in blank.first.state_dict().items()}
    layers = {f"{layer}.{name}": tensor for layer in ("first", "same") for name, tensor in first.items()}
    return blank, layers | {"mean": torch.randn(3, generator=chance)}


def test_copy_holds_the_given_tensors_themselves_and_is_frozen():
    blank, weights = blank_and_weights()
    copy = filled_copy(blank, weights)
    assert [copy.state_dict()[name].data_ptr() for name in weights] == [one.data_ptr() for one in weights.values()]
    assert isinstance(copy.first.weight, nn.Parameter)
    assert not isinstance(copy.mean, nn.Parameter)
    assert not any(parameter.requires_grad for parameter in copy.parameters())
    assert torch.equal(copy.places, torch.arange(3))


def test_copy_keeps_what_is_one_thing_under_two_names():
    copy = filled_copy(*blank_and_weights())
    assert copy.first is copy.same


def test_copies_share_nothing_with_each_other_nor_with_the_blank():
    blank, weights = blank_and_weights()
    one, other = (filled_copy(blank, {name: tensor.clone() for name, tensor in weights.items()}) for _ in range(2))
    one.sizes.append(3)
    one.first.register_forward_hook(lambda *_: torch.zeros(3))
    one.first.weight.data.zero_()
    one.places.zero_()
    assert blank.sizes == other.sizes == [1, 2]
    assert torch.equal(other.first(torch.ones(2)), weights["first.weight"].sum(1) + weights["first.bias"])
    assert torch.equal(other.places, torch.arange(3))
    assert blank.first.weight.is_meta
