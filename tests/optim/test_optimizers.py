import sys

import pytest
import torch
from torch import nn
from transformers.optimization import Adafactor

from lib_train.config.optimizers import optimizer_options
from lib_train.config.training import OPTIMIZERS
from lib_train.errors import MissingPackage
from lib_train.optim.optimizers import KINDS, create, notes_on, problem_with, rate_of, rates_of

ON_CPU = [name for name in OPTIMIZERS if not KINDS[name].needs_cuda]
FLAT = [name for name in OPTIMIZERS if KINDS[name].elementwise]
RATES = {"unet": 1e-2, "text_encoder": 1e-3}
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")  # of the packages


def groups(seed=0):
    chance = torch.Generator().manual_seed(seed)
    shapes = {"unet": [(4, 6), (6, 4), (3, 2, 3, 3)], "text_encoder": [(2, 5), (5, 2)]}
    return {part: [nn.Parameter(torch.randn(s, generator=chance)) for s in of] for part, of in shapes.items()}  # type: ignore[attr-defined]


def loss_of(parts, step):
    return sum((p.sin() * (place + step + 1)).sum() for ps in parts.values() for place, p in enumerate(ps))


def trained(optimizer, parts, steps=5):
    for step in range(steps):
        loss_of(parts, step).backward()
        optimizer.step()
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                parameter.grad.zero_()
    return [p.detach().clone() for ps in parts.values() for p in ps]


def plainly(name, parts, rates, args=None):
    """The same optimizer of the package itself, one tensor for each parameter."""
    made = getattr(__import__(KINDS[name].module, fromlist=["x"]), KINDS[name].name)
    described = [{"params": ps, "lr": rates[part]} for part, ps in parts.items()]
    for parameters in parts.values():
        for parameter in parameters:
            parameter.grad = torch.zeros_like(parameter)
    optimizer = made(described, lr=max(rates.values()), **KINDS[name].defaults, **(args or {}))
    if KINDS[name].averages:
        optimizer.train()
    return optimizer


def test_bitsandbytes_is_imported_for_nobody_who_cannot_use_it(monkeypatch):
    """It warns on import where there is no NVIDIA GPU."""
    imported = []

    class Finder:
        @staticmethod
        def find_spec(name, path=None, target=None):
            imported.append(name)

    monkeypatch.setattr(sys, "meta_path", [Finder, *sys.meta_path])
    for name in OPTIMIZERS:
        problem_with(name, {}, "cpu")
    assert not [name for name in imported if name.startswith("bitsandbytes")]


def test_every_optimizer_of_the_settings_is_there():
    assert tuple(KINDS) == OPTIMIZERS


@pytest.mark.parametrize("name", ON_CPU)
def test_optimizer_moves_weights_as_that_of_its_package_on_each_parameter_does(name):
    rates = {"unet": 1.0, "text_encoder": 1.0} if KINDS[name].finds_rate else RATES
    ours, theirs = groups(), groups()
    args = {"weight_decay": 0.1}
    result = trained(create(name, ours, rates, args), ours)
    expected = trained(plainly(name, theirs, rates, args), theirs)
    start = [p for ps in groups().values() for p in ps]
    for got, wanted, before in zip(result, expected, start, strict=True):
        torch.testing.assert_close(got, wanted, rtol=1e-5, atol=1e-6)
        assert not torch.equal(got, before)


@pytest.mark.parametrize("name", FLAT)
def test_elementwise_optimizer_works_on_one_tensor_for_each_part(name):
    parts = groups()
    optimizer = create(name, parts, RATES, {})
    assert [group["part"] for group in optimizer.param_groups] == ["unet", "text_encoder"]
    assert [len(group["params"]) for group in optimizer.param_groups] == [1, 1]
    assert optimizer.param_groups[0]["params"][0].data_ptr() == parts["unet"][0].data_ptr()


@pytest.mark.parametrize("name", ["AdamW", "Lion", "Adafactor", "SGD"])
def test_each_part_keeps_its_own_rate(name):
    optimizer = create(name, groups(), RATES, {})
    assert {group["part"]: group["lr"] for group in optimizer.param_groups} == RATES
    assert {group["part"]: group["initial_lr"] for group in optimizer.param_groups} == RATES


def test_adafactor_holds_to_the_given_rate():
    moved = []
    for rate in (1e-3, 1e-2):
        parts = groups()
        trained(create("Adafactor", parts, dict.fromkeys(RATES, rate), {}), parts, steps=1)
        moved.append((parts["unet"][0] - groups()["unet"][0]).abs().sum().item())
    assert moved[1] == pytest.approx(10 * moved[0], rel=1e-3)


def test_adafactor_with_relative_step_finds_its_own_rate_and_says_so():
    args = {"relative_step": True}
    assert problem_with("Adafactor", args, "cpu") is None
    slow, fast = groups(), groups()
    first = trained(create("Adafactor", slow, {"unet": 1e-9, "text_encoder": 1e-9}, args), slow)
    assert not torch.allclose(first[0], groups()["unet"][0], atol=1e-3)
    assert torch.equal(trained(create("Adafactor", fast, RATES, args), fast)[0], first[0])
    assert "no effect" in notes_on("Adafactor", RATES, args)[0]


@pytest.mark.parametrize(
    "args",
    [{"slice_p": 3, "d0": 1e-2}, {"growth_rate": 1.5, "d0": 1e-3},
     {"beta3": 0.5, "d_coef": 2.0, "safeguard_warmup": True},
     {"slice_p": 2, "use_bias_correction": True, "weight_decay": 0.1, "decouple": False}],
)  # fmt: skip
def test_prodigy_with_each_argument_is_that_of_its_package(args):
    rates = dict.fromkeys(RATES, 1.0)
    ours, theirs, plain = groups(), groups(), groups()
    result = trained(create("Prodigy", ours, rates, args), ours)
    for got, wanted in zip(result, trained(plainly("Prodigy", theirs, rates, args), theirs), strict=True):
        torch.testing.assert_close(got, wanted, rtol=1e-5, atol=1e-7)
    usual = trained(create("Prodigy", plain, rates, {"d0": args.get("d0", 1e-6)}), plain)
    assert not torch.equal(result[0], usual[0])
    assert problem_with("Prodigy", args, "cpu") is None


def test_rate_of_a_schedule_free_group_is_the_one_that_warms_up():
    optimizer = create("AdamWScheduleFree", groups(), RATES, {"warmup_steps": 4})
    optimizer.step()
    optimizer.step()
    assert [rate_of(optimizer, group) for group in optimizer.param_groups] == [5e-3, 5e-4]
    optimizer.param_groups[1]["lr"] = 0.0
    assert rate_of(optimizer, optimizer.param_groups[1]) == 0


@pytest.mark.parametrize("warmup", [False, True])
def test_schedule_adafactor_is_the_optimizer_of_transformers_with_its_own_rate(warmup):
    args = optimizer_options("Adafactor", {"warmup_init": True} if warmup else {}, "adafactor")
    ours, theirs = groups(), groups()
    optimizer = create("Adafactor", ours, RATES, args)
    made = Adafactor([p for ps in theirs.values() for p in ps], scale_parameter=True, relative_step=True,
                     warmup_init=warmup)  # fmt: skip
    made.zero_grad(set_to_none=False)
    for got, wanted in zip(trained(optimizer, ours), trained(made, theirs), strict=True):
        assert torch.equal(got, wanted)
    (first, *_), last = made.param_groups[0]["params"], 5
    step = min(1e-6 * last if warmup else 1e-2, 1 / last**0.5)
    size = max(1e-3, float(made.state[first]["RMS"]))
    assert rate_of(optimizer, optimizer.param_groups[0]) == pytest.approx(step * size, rel=1e-6)


def test_rate_of_a_group_is_that_of_the_schedule_and_none_where_it_is_frozen():
    optimizer = create("Adafactor", groups(), RATES, optimizer_options("Adafactor", {}, "adafactor"))
    assert rate_of(optimizer, optimizer.param_groups[0]) == 1e-2  # before the first step
    optimizer.step()
    optimizer.param_groups[1]["lr"] = 0.0
    assert rate_of(optimizer, optimizer.param_groups[1]) == 0
    plain = create("AdamW", groups(), RATES, {})
    plain.step()
    assert [rate_of(plain, group) for group in plain.param_groups] == [1e-2, 1e-3]


@pytest.mark.parametrize("name", ["Prodigy", "DAdaptAdam"])
def test_optimizer_that_finds_its_rate_takes_one_for_all_parts_and_says_so(name):
    parts = groups()
    optimizer = create(name, parts, {"unet": 1.0, "text_encoder": 0.5}, {})
    assert [group["lr"] for group in optimizer.param_groups] == [1.0, 1.0]
    trained(optimizer, parts, steps=2)
    assert any(
        "one rate: those of parts or blocks differ" in note
        for note in notes_on(name, {"unet": 1.0, "text_encoder": 0.5}, {})
    )


@pytest.mark.parametrize("name", ["Prodigy", "DAdaptAdam"])
def test_rate_that_an_optimizer_finds_is_told_as_sd_scripts_tells_it(name):
    """d*lr, of d after the step and lr of the step: sd-scripts' train_network.py, generate_step_logs."""
    parts = groups()
    optimizer = create(name, parts, dict.fromkeys(RATES, 1.0), {"d0": 1e-4})
    for group in optimizer.param_groups:
        group["lr"] = 0.5
    trained(optimizer, parts, steps=6)
    d = optimizer.param_groups[0]["d"]
    assert d > 1e-4  # it has grown
    assert rates_of(optimizer, ["unet"]) == {"unet": 0.5, "d*lr unet": 0.5 * d}
    assert list(rates_of(create("AdamW", groups(), RATES, {}), RATES)) == ["unet", "text_encoder"]


@pytest.mark.parametrize("name", ON_CPU)
def test_warmup_that_starts_at_rate_zero_moves_nothing_in_its_first_step(name):
    parts = groups()
    optimizer = create(name, parts, dict.fromkeys(RATES, 1.0), {})
    for group in optimizer.param_groups:
        group["lr"] = 0.0
    assert all(torch.equal(a, b) for a, b in zip(trained(optimizer, parts, 1), sum(groups().values(), []), strict=True))
    for group in optimizer.param_groups:
        group["lr"] = group["initial_lr"]
    assert all(torch.isfinite(p).all() for p in trained(optimizer, parts, 2))


@pytest.mark.parametrize(("rate", "notes"), [(1.0, 0), (0.5, 0), (1e-4, 1), (100.0, 1)])
def test_rates_far_from_one_are_noted_for_optimizers_that_find_theirs(rate, notes):
    rates = {"unet": rate, "text_encoder": rate}
    assert len(notes_on("Prodigy", rates, {})) == notes
    assert notes_on("AdamW", rates, {}) == []


@pytest.mark.parametrize("name", ON_CPU)
def test_unknown_argument_is_named_with_those_that_exist(name):
    problem = problem_with(name, {"weight_decay": 0.1, "weigth_decay": 0.1}, "cpu")
    assert problem
    assert problem.setting == "optimizer_args"
    assert problem.value == {"weigth_decay": 0.1}
    assert "weight_decay" in problem.remedy
    assert problem_with(name, {"weight_decay": 0.1}, "cpu") is None


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("AdamW", {"betas": 0.9}),
        ("AdamW", {"betas": "0.9 0.99"}),
        ("AdamW", {"betas": [0.9, 2.0]}),
        ("AdamW", {"weight_decay": "much"}),
        ("AdamW", {"eps": -1.0}),
        ("AdamW", {"amsgrad": "yes"}),
        ("AdamW", {"maximize": 0.5}),
        ("Prodigy", {"decouple": "on"}),
        ("Lion", {"betas": [2.0, 0.9]}),
        ("Prodigy", {"d0": 0}),
        ("SGD", {"nesterov": True}),
        ("Prodigy", {"slice_p": 0}),
        ("Prodigy", {"fsdp_in_use": True}),
        ("SGDScheduleFree", {"momentum": 1.0}),
        ("AdamWScheduleFree", {"betas": [0.0, 0.9]}),
        ("CAME", {"betas": [0.9, 0.99]}),
    ],
)
def test_value_that_the_optimizer_refuses_is_a_problem_before_the_run(name, args):
    problem = problem_with(name, args, "cpu")
    assert problem
    assert problem.setting == "optimizer_args"
    assert problem.value == args
    assert name in problem.remedy
    assert "\n" not in problem.remedy
    assert not any(
        words in problem.remedy for words in ("instances of", "got (", "NoneType")
    )  # Python's own words say nothing to a person


@pytest.mark.parametrize("args", [{}, {"foreach": True}, {"fused": False}, {"betas": [0.8, 0.9]}, {"amsgrad": True}])
def test_adamw_takes_every_way_of_computing(args):
    assert problem_with("AdamW", args, "cpu") is None
    usual, own = groups(), groups()
    plain = {"betas": (0.8, 0.9)} if "betas" in args else {k: v for k, v in args.items() if k == "amsgrad"}
    expected = trained(plainly("AdamW", own, RATES, plain), own)
    for got, wanted in zip(trained(create("AdamW", usual, RATES, args), usual), expected, strict=True):
        torch.testing.assert_close(got, wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("device", ["cpu", "mps"])
@pytest.mark.parametrize("name", ["AdamW8bit", "Lion8bit"])
def test_8_bit_optimizer_is_refused_where_there_is_no_nvidia_gpu(name, device):
    problem = problem_with(name, {}, device)
    assert problem
    assert problem.setting == "optimizer_type"
    assert device in problem.remedy
    assert problem.remedy.endswith(f"choose {name.removesuffix('8bit')}")


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("Lion", "lion_pytorch"),
        ("Prodigy", "prodigyopt"),
        ("CAME", "came_pytorch"),
        ("AdamWScheduleFree", "schedulefree"),
    ],
)
def test_missing_package_is_named_with_the_command_that_installs_it(name, module, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    package = KINDS[name].package
    with pytest.raises(MissingPackage, match=f"pip install {package}"):
        create(name, groups(), RATES, {})
    problem = problem_with(name, {}, "cpu")
    assert problem
    assert problem.setting == "optimizer_type"
    assert f"pip install {package}" in problem.remedy
