import time
from types import SimpleNamespace

import pytest
import torch

from lib_train.planning import speed
from lib_train.planning.speed import Speed, cuda_speed, speed_of
from lib_train.planning.work import Work

CHECKPOINTED = Work(21.1e12, 3e9)  # SDXL at 1024 pixels


@pytest.mark.parametrize(
    ("capability", "processors", "published"),
    [((8, 6), 28, 0.39), ((8, 6), 82, 0.75), ((8, 9), 128, 1.15)],  # RTX 3060, 3090, 4090, steps in a second
)
def test_published_runs_are_met_within_a_third(capability, processors, published):
    assert 1 / cuda_speed(capability, processors, "bf16").seconds(CHECKPOINTED) == pytest.approx(published, rel=0.33)


def test_newer_and_larger_cards_are_faster_and_float32_is_slower():
    old, turing, large, hopper = (cuda_speed(*card, "fp16") for card in (
        ((6, 1), 28), ((7, 5), 68), ((8, 9), 128), ((9, 0), 132)
    ))  # fmt: skip
    assert old.flop < turing.flop < large.flop < hopper.flop
    assert cuda_speed((8, 9), 128, "no").flop < large.flop
    assert cuda_speed((13, 7), 200, "bf16").flop > large.flop * 1.1  # what nobody knows yet counts as the newest


def test_card_is_asked_for_its_kind_and_one_that_is_gone_tells_nothing(monkeypatch):
    card = SimpleNamespace(major=8, minor=6, multi_processor_count=82)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: card)
    assert speed_of(torch.device("cuda"), "bf16") == cuda_speed((8, 6), 82, "bf16")

    def gone(device: torch.device) -> None:
        raise RuntimeError("No CUDA GPUs are available")

    monkeypatch.setattr(torch.cuda, "get_device_properties", gone)
    assert speed_of(torch.device("cuda"), "bf16") is None
    assert speed_of(torch.device("mps"), "no") is None


def test_processor_is_timed_once_and_in_no_time(monkeypatch):
    speed._cpu_flop.cache_clear()
    begin = time.perf_counter()
    first = speed_of(torch.device("cpu"), "no")
    assert time.perf_counter() - begin < 0.5  # 0.01 on an idle core
    assert first is not None
    assert 1e8 < first.flop < 1e14
    monkeypatch.setattr(torch, "mm", None)
    assert speed_of(torch.device("cpu"), "no") == first


def test_seconds_are_those_of_operations_numbers_and_the_step_itself():
    assert Speed(2e9, 1e-8, 0.1).seconds(Work(4e9, 3e8)) == pytest.approx(2 + 3 + 0.1)


def test_timing_nothing_leaves_the_random_numbers_of_others_alone():
    speed._cpu_flop.cache_clear()
    before = torch.get_rng_state()
    speed_of(torch.device("cpu"), "no")
    assert torch.equal(torch.get_rng_state(), before)
