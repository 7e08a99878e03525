"""Figures of a plan, each worked out a second time, and the text that shows them."""

import math

import pytest

from lib_train.config.codec import config_of
from lib_train.errors import Problem
from lib_train.host.protocol import ModelSize
from lib_train.networks.targets import targets_of
from lib_train.planning.memory import device_bytes
from lib_train.planning.speed import Speed
from lib_train.planning.work import work_of
from tests.bases import text_encoders_of, unet_of, without_memory
from tests.networks.test_targets import golden
from tests.planning.test_report import SD15, layer, picture, report


def test_text_of_a_plan_is_this_in_full():
    """Two buckets, regularisation, latents kept with their mirrors, captions of frozen text encoders."""
    pictures = (picture(), picture("b.png", width=768, caption="a dog"), picture("r.png", is_reg=True, repeats=1))
    problem = Problem("caption", "x.txt", "is not UTF-8; save it as such")
    found = report(*pictures, problems=(problem,), step_seconds=1.5, network={"network_dim": 16, "network_alpha": 32},
                   dataset={"flip_aug": True}, text_encoder_lr=0, train_batch_size=4, max_train_epochs=2)  # fmt: skip
    weights = 16 * (400_000 + 23_936)
    latents = 2 * 8 * (64 * 64 * 2 + 80 * 48) * 4  # with mirrors; mean and deviation of 4 channels; float32
    captions = 3 * 77 * 768 * 4
    disk = 2 * 2 * weights + 2 * 12 * weights + latents + captions
    memory = device_bytes(SD15, weights=weights, optimizer="AdamW", pixels=4096, batch_size=4, precision="bf16",
                          checkpointed=False, trains_text=False)  # fmt: skip
    assert (found.disk_bytes, found.memory_bytes, found.seconds) == (disk, memory, 22 * 1.5)
    assert {type(number) for number in (found.checkpoint_bytes, found.disk_bytes, found.memory_bytes)} == {int}
    assert str(found).splitlines() == [
        "pictures    2, regularisation 1; 40 uses in an epoch",
        "buckets     512x512: 30, 640x384: 10",
        "steps       22: 2 epochs of 11 (11 batches)",
        "network     6,782,976 weights",
        "checkpoints 2 of 12.9 MiB: after steps 11, 22",
        f"disk        {disk / 2**20:.1f} MiB with states and cache",
        f"memory      about {memory / 2**30:.1f} GiB on the device",
        "time        about 33 s",
        "note        network_alpha above network_dim strengthens every update; lower the rates to match",
        "advice      22 steps show each picture (of 2) 20 times, which is few: about 316 times are usual for so many; "
        "max_train_epochs = 32 makes it so",
        "1 problem:",
        "  caption = 'x.txt': is not UTF-8; save it as such",
    ]


def test_without_pictures_all_is_nothing_but_the_network():
    found = report(gradient_accumulation_steps=2)
    nothing = device_bytes(SD15, weights=found.network_weights, optimizer="AdamW", pixels=0, batch_size=1,
                           precision="bf16", checkpointed=False, trains_text=True)  # fmt: skip
    assert (found.pictures, found.uses, found.memory_bytes) == (0, 0, nothing)
    remedy = "no picture can be used; name a folder that holds <repeats>_<name> folders of pictures"
    assert found.problems == (Problem("train_data_dir", ("pictures",), remedy),)
    assert not [note for note in found.notes if "an epoch has only" in note]
    assert "\nbuckets     none\n" in str(found)
    assert "\ntime        known after the first run" in str(found)
    assert (found.seconds, found.seconds_are) == (None, "")


def test_time_is_estimated_for_the_work_of_a_step_until_it_was_measured():
    speed, settings = Speed(1e12, 1e-9, 0.5), {"max_train_epochs": 3, "train_batch_size": 2, "dataset": {}}
    found = report(picture(), picture("b.png", width=768), speed=speed, **settings)
    config = config_of({"max_train_epochs": 3, "train_batch_size": 2, "resolution": 512})
    assert found.seconds == pytest.approx(30 * speed.seconds(work_of(config, SD15, found.buckets)))
    assert found.seconds_are == "estimated"
    assert "\ntime        about 3 min (estimated)\n" in str(found)
    measured = report(picture(), picture("b.png", width=768), speed=speed, step_seconds=0.1, **settings)
    assert (measured.seconds, measured.seconds_are) == (pytest.approx(3.0), "measured")
    assert "\ntime        about 3 s\n" in str(measured)


@pytest.mark.parametrize("checkpointed", [False, True])
@pytest.mark.parametrize("text", [0.0, 1e-5])
def test_memory_is_that_of_the_settings(checkpointed, text):
    found = report(picture(), picture("b.png", width=768), gradient_checkpointing=checkpointed, text_encoder_lr=text,
                   mixed_precision="no", optimizer_type="Lion", train_batch_size=3)  # fmt: skip
    assert found.memory_bytes == device_bytes(
        SD15, weights=found.network_weights, optimizer="Lion", pixels=4096, batch_size=3, precision="no",
        checkpointed=checkpointed, trains_text=bool(text),
    )  # fmt: skip


def test_cache_of_captions_is_in_whole_bytes_on_a_narrow_model_and_latents_only_where_they_are_kept():
    narrow = SD15._replace(width=64)
    settings = {"max_train_epochs": 1, "text_encoder_lr": 0.0, "size": narrow}
    none = report(picture(), **settings, dataset={"cache_latents_to_disk": False})
    captions = report(picture(), **settings, dataset={"cache_latents": False})
    assert captions.disk_bytes - none.disk_bytes == 4 * (2 * 77 * 768 * 64 // 320)
    assert isinstance(captions.disk_bytes, int)


@pytest.mark.parametrize(
    ("weights", "told"),
    [(2**29 - 2**10, "1024.0 MiB"), (2**29, "1.0 GiB"), (3 * 2**29, "3.0 GiB"), (2**19, "1.0 MiB")],
)
def test_sizes_are_told_in_mib_and_from_1024_of_them_in_gib(weights, told):
    size = SD15._replace(layers=(layer("IN01", "linear", weights),))
    found = report(picture(), size=size, network={"network_dim": 1}, max_train_epochs=1)
    assert f"checkpoints 1 of {told}: after steps 10" in str(found)


@pytest.mark.parametrize(
    ("family", "settings", "weights", "file", "memory"),
    [
        ("sd1", {}, 9_437_184, "18.0 MiB", "4.2 GiB"),
        ("sd1", {"network": {"conv_dim": 4}}, 12_939_264, "24.7 MiB", "4.3 GiB"),
        ("sd1", {"network": {"network_dim": 1}, "text_encoder_lr": 0.0}, 423_936, "0.8 MiB", "4.1 GiB"),
        ("sd1", {"network": {"conv_dim": 8}, "unet_lr": 0.0}, 2_654_208, "5.1 MiB", "4.1 GiB"),
        ("sd2", {}, 13_697_024, "26.1 MiB", "4.4 GiB"),
        ("sd2", {"network": {"conv_dim": 4}}, 17_199_104, "32.8 MiB", "4.4 GiB"),
        ("sdxl", {}, 57_008_128, "108.7 MiB", "6.4 GiB"),
        ("sdxl", {"network": {"conv_dim": 4}}, 59_368_448, "113.2 MiB", "6.4 GiB"),
        ("sdxl", {"network": {"network_dim": 1}, "text_encoder_lr": 0.0}, 2_659_840, "5.1 MiB", "5.4 GiB"),
    ],
)  # fmt: skip
def test_networks_on_full_size_models_have_the_sizes_of_the_files_of_sd_scripts(
    family, settings, weights, file, memory
):
    """The golden lists hold the shapes of network_dim 16 and conv_dim 4: their sum is what is told."""
    with without_memory():
        targets = targets_of(family, unet_of(family), text_encoders_of(family))
    counts = {"unet": 860_000_000, "text_encoder": 123_000_000, "vae": 83_000_000}
    size = ModelSize(family, counts, tuple(target.layer for target in targets), 320)
    found = report(picture(), size=size, max_train_epochs=1, **settings)
    assert found.network_weights == weights
    lines = [f"network     {weights:,} weights", f"checkpoints 1 of {file}: after steps 10"]
    assert str(found).splitlines()[3:5] == lines
    assert f"\nmemory      about {memory} on the device\n" in str(found)
    if settings in ({}, {"network": {"conv_dim": 4}}):
        listed = [entry for entry in golden(family).values() if settings or not entry["conv_dim_only"]]
        assert weights == sum(math.prod(entry[side]) for entry in listed for side in ("down", "up"))


@pytest.mark.parametrize(
    ("epochs", "told"),
    [(1, "10"), (5, "10, 20, 30, 40, 50"), (6, "10, 20, 30, 40, 50, 60"), (7, "10, 20, 30, ..., 60, 70"),
     (8, "10, 20, 30, ..., 70, 80")],
)  # fmt: skip
def test_more_than_six_saves_are_shortened(epochs, told):
    found = report(picture(), max_train_epochs=epochs, save_every_n_epochs=1)
    assert str(found).splitlines()[4].endswith(f": after steps {told}")
