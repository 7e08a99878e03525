import pytest

from lib_train.config.training import OPTIMIZERS
from lib_train.host.protocol import ModelSize
from lib_train.planning.memory import OPTIMIZER_BYTES, device_bytes

SD15 = ModelSize("sd1", {"unet": 859_520_964}, (), 320)
SDXL, NARROW, EMPTY = SD15._replace(family="sdxl"), SD15._replace(width=64), SD15._replace(weights={})
MIB = 2**20
USUAL = {"weights": 0, "optimizer": "AdamW", "pixels": 1024, "batch_size": 1, "precision": "no", "checkpointed": False,
         "trains_text": False}  # fmt: skip


def estimate(size=SD15, **changes):
    return device_bytes(size, **{**USUAL, **changes})


# One forward and backward pass of SD1.5 with a LoRA of rank 16 on the U-Net, float32 on a CPU, torch 2.13: resident
# memory after loading (imports, weights, adapters: 3642 MiB) and what the pass added at its peak.
@pytest.mark.parametrize(
    ("side", "checkpointed", "added"), [(256, False, 783), (512, False, 2146), (256, True, 463), (512, True, 1190)]
)
def test_estimate_is_near_what_a_step_of_sd15_took(side, checkpointed, added):
    took = 3642 + added
    adapters = {"weights": 6_782_976, "optimizer": "SGD"}  # gradients, no optimizer state
    guess = estimate(pixels=side * side // 64, checkpointed=checkpointed, **adapters) / MIB
    assert took < guess * 1.005
    assert guess == pytest.approx(took, rel=0.05)


@pytest.mark.parametrize(
    "more", [{"weights": 10**7}, {"pixels": 4096}, {"batch_size": 2}, {"trains_text": True}, {"size": SDXL}]
)
def test_estimate_grows_with_all_that_takes_memory(more):
    assert estimate(**more) > estimate()


@pytest.mark.parametrize("less", [{"precision": "bf16"}, {"checkpointed": True}, {"size": NARROW}, {"size": EMPTY}])
def test_estimate_falls_with_all_that_saves_memory(less):
    assert estimate(**less) < estimate()


def test_every_optimizer_has_a_size_and_the_8_bit_ones_are_smaller():
    assert set(OPTIMIZER_BYTES) == set(OPTIMIZERS)
    assert estimate(weights=10**7, optimizer="AdamW8bit") == estimate(weights=10**7) - 6 * 10**7


@pytest.mark.parametrize("family", ["sd1", "sd2", "sdxl"])
@pytest.mark.parametrize("precision", ["no", "bf16"])
@pytest.mark.parametrize("checkpointed", [False, True])
@pytest.mark.parametrize("trains_text", [False, True])
def test_estimate_is_the_sum_of_what_the_docstring_lists(family, precision, checkpointed, trains_text):
    """In whole numbers, for a base of 1000 weights, an update of 10 with SGD, and a batch of 3 of 5 pixels."""
    held = {"sd1": (130_000, 65_000), "sd2": (130_000, 65_000), "sdxl": (240_000, 62_000)}[family][checkpointed] * 5
    text = {"sd1": 15_100_000, "sd2": 38_600_000, "sdxl": 82_300_000}[family]
    held += text // 4 if trains_text and checkpointed else text if trains_text else 0
    bytes_of_weight, bytes_of_held = (4, 4) if precision == "no" else (2, 3)
    size = ModelSize(family, {"unet": 900, "vae": 100}, (), 64)  # a fifth of 320 channels
    found = device_bytes(size, weights=10, optimizer="SGD", pixels=5, batch_size=3, precision=precision,
                         checkpointed=checkpointed, trains_text=trains_text)  # fmt: skip
    assert found == 1000 * bytes_of_weight + 10 * 8 + held * 3 * bytes_of_held // 5 + 600 * MIB


def test_average_takes_four_bytes_for_each_weight():
    assert estimate(weights=10**7, averaged=True) - estimate(weights=10**7) == 4 * 10**7


@pytest.mark.parametrize(("args", "saved"), [({"slice_p": 4}, 6), ({"slice_p": 1}, 0), ({"slice_p": "x"}, 0)])
def test_prodigy_takes_less_with_slices(args, saved):
    whole = estimate(weights=10**7, optimizer="Prodigy")
    assert whole - estimate(weights=10**7, optimizer="Prodigy", optimizer_args=args) == saved * 10**7
    assert estimate(weights=10**7, optimizer_args=args) == estimate(weights=10**7)
