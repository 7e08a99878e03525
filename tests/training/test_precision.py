import pytest
import torch
from torch import nn

from lib_train.training.precision import Precision, chosen, chosen_name, problem_with

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("setting", "device", "bf16", "name"),
    [
        ("auto", "cuda", True, "bf16"),
        ("auto", "cuda", False, "fp16"),
        ("auto", "cpu", False, "no"),
        ("auto", "mps", True, "no"),
        ("fp16", "cuda", True, "fp16"),
        ("no", "cuda", True, "no"),
    ],
)
def test_auto_picks_by_device_and_anything_else_is_taken_as_said(setting, device, bf16, name):
    assert chosen_name(setting, device, bf16=bf16) == name


def test_cards_that_only_emulate_bf16_get_fp16(monkeypatch):
    for capability, name in (((7, 5), "fp16"), ((8, 6), "bf16"), ((9, 0), "bf16")):
        monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device, c=capability: c)
        assert chosen("auto", torch.device("cuda", 0)) == name


@pytest.mark.parametrize(
    ("kept", "name"),
    [((torch.float16, torch.float32), "fp16"), ((torch.bfloat16,), "bf16"), ((torch.float32,), "bf16")],
)
def test_model_kept_in_float16_is_trained_in_fp16_also_on_cards_with_bf16(monkeypatch, kept, name):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (8, 6))
    assert chosen("auto", torch.device("cuda", 0), set(kept)) == name
    assert chosen("bf16", torch.device("cuda", 0), set(kept)) == "bf16"


@pytest.mark.parametrize(
    ("setting", "device", "usable"),
    [
        ("fp16", "cpu", False),
        ("bf16", "cpu", True),
        ("auto", "mps", True),
        ("bf16", "mps", False),
        ("fp16", "cuda", True),
    ],
)
def test_precision_that_the_device_lacks_is_a_problem_before_the_run(setting, device, usable):
    problem = problem_with(setting, device)
    assert (problem is None) == usable
    if problem:
        assert problem.setting == "mixed_precision"
        assert "no" in problem.remedy


def test_card_without_bf16_is_told_before_the_run(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    for supported in (True, False):
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda answer=supported: answer)
        assert (problem_with("bf16", "cuda") is None) is supported
        assert problem_with("fp16", "cuda") is None
    assert problem_with("bf16", "cpu") is None
    problem = problem_with("bf16", "cuda")
    assert problem
    assert "choose auto or fp16" in problem.remedy


NO_HALF = "load it in float32 (start the WebUI with --no-half)"


@pytest.mark.parametrize(
    ("setting", "device", "kept", "remedy"),
    [
        ("no", "cuda", torch.float16, f"kept in float16: choose auto or fp16 or bf16, or {NO_HALF}"),
        ("auto", "cuda", torch.float16, None),
        ("fp16", "cuda", torch.float16, None),
        ("no", "cpu", torch.bfloat16, f"kept in bfloat16: choose bf16, or {NO_HALF}"),
        ("bf16", "cpu", torch.bfloat16, None),
        ("bf16", "cpu", torch.float16, f"kept in float16: {NO_HALF}"),
        ("auto", "mps", torch.float16, f"kept in float16: {NO_HALF}"),
    ],
)
def test_weights_of_16_bits_need_mixed_precision(setting, device, kept, remedy):
    problem = problem_with(setting, device, {kept, torch.float32})
    if remedy is None:
        assert problem is None
    else:
        assert problem
        assert (problem.setting, problem.value) == ("mixed_precision", setting)
        assert problem.remedy == f"does not work with a checkpoint {remedy}"
    assert problem_with(setting, device) is None


@pytest.mark.parametrize(("name", "kind"), [("no", torch.float32), ("bf16", torch.bfloat16), ("fp16", torch.float16)])
def test_forward_inside_computes_in_the_chosen_type_and_nothing_leaks_out(name, kind):
    weight = torch.ones(3, 3)
    with Precision(name, CPU).context():
        assert (weight @ weight).dtype == kind
    assert not torch.is_autocast_enabled("cpu")
    assert (weight @ weight).dtype == torch.float32


def stepped(precision, factor, max_grad_norm=0.0):
    parameter = nn.Parameter(torch.tensor([3.0, 4.0]))
    parameter.grad = torch.zeros(2)
    optimizer = torch.optim.SGD([parameter], lr=1.0)
    precision.backward((parameter * torch.tensor([3.0, 4.0]) * factor).sum())
    precision.update(optimizer, [parameter.grad], max_grad_norm)
    assert not parameter.grad.any()
    return parameter.detach()


@pytest.mark.parametrize("name", ["no", "fp16"])
def test_update_clips_unscaled_gradients_moves_and_clears(name):
    torch.testing.assert_close(stepped(Precision(name, CPU), 1.0), torch.tensor([0.0, 0.0]))
    clipped = stepped(Precision(name, CPU), 1.0, max_grad_norm=1.0)
    torch.testing.assert_close(clipped, torch.tensor([3 - 0.6, 4 - 0.8]))


def test_fp16_leaves_out_a_step_that_overflowed_and_lowers_its_scale():
    precision = Precision("fp16", CPU)
    assert stepped(precision, float("inf"), max_grad_norm=1.0).tolist() == [3.0, 4.0]
    assert precision.facts()["scale"] == 32768.0
    assert stepped(precision, 1.0).tolist() == [0.0, 0.0]


def test_fp16_goes_on_with_the_scale_of_the_interrupted_run():
    first, again = Precision("fp16", CPU), Precision("fp16", CPU)
    stepped(first, float("inf"))
    stepped(first, 1.0)
    again.load(first.facts())
    stepped(again, 1.0)
    stepped(first, 1.0)
    assert again.facts() == first.facts()
    assert again.facts()["scale"] == 32768.0
    assert again.facts()["_growth_tracker"] == 2


def test_state_of_a_run_in_another_precision_is_passed_over():
    """A run that was begun on one card goes on on another."""
    fp16 = Precision("fp16", CPU)
    before = fp16.facts()
    fp16.load({})
    assert fp16.facts() == before
    for name in ("no", "bf16"):
        other = Precision(name, CPU)
        other.load(before)
        assert other.facts() == {}


@pytest.mark.parametrize("name", ["no", "bf16"])
def test_without_fp16_there_is_nothing_to_scale_or_to_keep(name):
    assert Precision(name, CPU).facts() == {}
