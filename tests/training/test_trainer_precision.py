"""What a run says and keeps of its number formats."""

import math

import pytest
import torch

from lib_train.errors import HostModelError
from lib_train.training.faults import base_fault
from lib_train.training.precision import Precision
from tests.fake_model import FakeModel
from tests.fakes import fake_assembly


@pytest.mark.parametrize(
    ("kept", "precision", "told"),
    [
        (torch.float16, "no", r"\(float16\): set mixed_precision to no, or take another copy"),
        (torch.bfloat16, "no", r"\(bfloat16\): set mixed_precision to no, or take another copy"),
        (torch.float16, "fp16", r"\(fp16\): set mixed_precision to bf16 or no, or take another copy"),
        (torch.float32, "fp16", r"\(fp16\): set mixed_precision to bf16 or no, or take another copy"),
    ],
)
def test_overflow_before_anything_was_trained_names_the_half_precision(kept, precision, told):
    model = FakeModel()
    model.unet.to(kept)
    with pytest.raises(HostModelError, match=f"overflows in half precision {told}"):
        raise base_fault("the loss became nan at step 1", model, precision)


def test_resumed_run_in_fp16_goes_on_with_its_scale(pictures):
    first, second = (fake_assembly(pictures).trainer for _ in range(2))
    for trainer in (first, second):
        trainer.precision = Precision("fp16", torch.device("cpu"))
    weight = torch.nn.Parameter(torch.ones(1))
    weight.grad = torch.zeros(1)
    optimizer = torch.optim.SGD([weight], lr=1.0)
    first.precision.backward(weight.sum() * math.inf)
    first.precision.update(optimizer, [weight.grad], 0.0)
    assert first.precision.facts()["scale"] == 32768.0
    second.load_state(*first.state())
    assert second.precision.facts() == first.precision.facts()
