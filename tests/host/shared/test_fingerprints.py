import torch
from torch import nn

from lib_train.host.shared.fingerprints import fingerprint


def layer(value: float = 0.5, size: int = 100, dtype: torch.dtype = torch.float32) -> nn.Linear:
    module = nn.Linear(size, 8, bias=False, dtype=dtype)
    nn.init.constant_(module.weight, value)
    return module


def test_fingerprint_is_the_same_for_the_same_weights_wherever_they_are():
    assert fingerprint([layer()]) == fingerprint([layer()])
    assert len(fingerprint([layer()])) == 64


def test_fingerprint_changes_with_values_shapes_types_names_and_order():
    named = nn.ModuleDict({"a": layer()})
    small, large, turned = layer(0.25), layer(0.75), layer()
    turned.weight = nn.Parameter(turned.weight.detach().t().contiguous())
    found: list[list[nn.Module]] = [
        [layer()], [layer(0.25)], [layer(size=99)], [layer(dtype=torch.float16)], [named], [small, large],
        [large, small], [turned], [],
    ]  # fmt: skip
    assert len({fingerprint(modules) for modules in found}) == len(found)


def test_fingerprint_sees_a_small_change_of_all_numbers_of_one_tensor():
    module = layer(size=10_000)
    before = fingerprint([module])
    with torch.no_grad():
        module.weight.mul_(1.001)
    assert fingerprint([module]) != before
