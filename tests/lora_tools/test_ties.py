import pytest
import torch

from lib_train.lora_tools.ties import ties


def by_hand(deltas, weights, share):
    """One number after the other."""
    out = torch.zeros_like(deltas[0]).double()
    for place in range(out.numel()):
        votes = []
        for delta, weight in zip(deltas, weights, strict=True):
            flat = delta.flatten().double()
            count = max(1, round(share * len(flat)))
            if abs(flat[place]) >= flat.abs().sort(descending=True).values[count - 1]:
                votes.append((float(flat[place]) * weight, abs(weight)))
        sign = 1 if sum(value for value, _ in votes) > 0 else -1
        agreeing = [(value, weight) for value, weight in votes if value * sign > 0]
        if agreeing:
            out.view(-1)[place] = sum(value for value, _ in agreeing) / sum(weight for _, weight in agreeing)
    return out


@pytest.mark.parametrize("weights", [(1, 1, 1), (0.5, 2, 1), (1, -1, 0.3)])
@pytest.mark.parametrize("share", [0.2, 0.7, 1])
def test_large_numbers_that_agree_are_averaged(weights, share):
    random = torch.Generator().manual_seed(0)
    deltas = [torch.randn(7, 9, generator=random) for _ in weights]
    torch.testing.assert_close(ties(deltas, weights, share).double(), by_hand(deltas, weights, share))


def test_one_delta_alone_is_trimmed_whatever_its_weight():
    delta = torch.tensor([3.0, -2.0, 0.1, 0.0])
    assert ties([delta], [0.5], 0.5).tolist() == [3, -2, 0, 0]
    assert ties([delta], [-1], 0.01).tolist() == [-3, 0, 0, 0]
