from dataclasses import replace
from pathlib import Path

import pytest

from lib_train.config.dataset import DatasetConfig
from lib_train.config.network import NetworkConfig
from lib_train.config.preview import PreviewConfig
from lib_train.config.run import RunConfig
from lib_train.config.training import TrainingConfig
from lib_train.errors import Problem
from lib_train.host.protocol import ModelSize
from lib_train.layer_shapes import LayerShape
from lib_train.pictures.records import Picture, Scan
from lib_train.planning.report import report_of


def layer(block, kind, per_rank, in_resnet=False):
    """One layer for many, of which a network has so many weights for a rank of 1."""
    part = "text_encoder" if block == "BASE" else "unet"
    shape = (per_rank - 9, 1, 3, 3) if kind == "conv3x3" else (per_rank - 1, 1)
    return LayerShape(part, block, kind, shape, in_resnet)


# Weights for a rank of 1, read off kohya's sd-scripts: 192 modules of SD1.5's U-Net, 72 of its text encoder.
SD15 = ModelSize(
    "sd1",
    {"unet": 859_520_964, "text_encoder": 123_060_480, "vae": 83_653_863},
    (
        layer("IN01", "linear", 400_000),
        layer("IN01", "conv1x1", 23_936),
        layer("BASE", "linear", 165_888),
        layer("IN01", "linear", 76_064, in_resnet=True),
        layer("IN01", "conv3x3", 1_000_000, in_resnet=True),
    ),
    320,
)


def picture(name="a.png", *, caption="a cat", width=512, repeats=10, is_reg=False):
    kept = {"caption": caption, "width": width, "height": 512, "repeats": repeats, "is_reg": is_reg}
    return Picture(path=Path(name), folder="10_cat", **kept)


def report(
    *pictures,
    device="cuda",
    size=SD15,
    problems=(),
    step_seconds=None,
    network=None,
    dataset=None,
    speed=None,
    **training,
):
    config = RunConfig(
        network=NetworkConfig(**(network or {})),
        dataset=DatasetConfig(train_data_dir=("pictures",), **(dataset or {})),
        training=TrainingConfig(**training),
    )
    scan = Scan(pictures=pictures, problems=problems)
    return report_of(config, scan, size, device, step_seconds, lambda texts: counted(texts), speed)


def counted(captions):
    """A token for each letter."""
    return [len(caption) for caption in captions]


@pytest.mark.parametrize("device", ["cuda", "cpu"])
def test_problems_are_those_of_the_device(device):
    found = report(picture(), device=device, mixed_precision="fp16")
    assert [problem.setting for problem in found.problems] == (["mixed_precision"] if device == "cpu" else [])


def test_note_of_an_optimizer_follows_its_arguments():
    found = report(picture(), optimizer_type="Adafactor", optimizer_args={"relative_step": True})
    note = "Adafactor with relative_step sets its own rate: learning rates and lr_scheduler have no effect"
    assert note in found.notes


def test_alpha_that_is_the_rank_brings_no_note():
    assert report(picture(), network={"network_dim": 16, "network_alpha": 16}).notes == report(picture()).notes


def test_report_counts_pictures_uses_buckets_steps_and_saves():
    pictures = (picture(), picture("b.png", width=768), picture("c.png", is_reg=True, repeats=1))
    found = report(*pictures, train_batch_size=4, max_train_epochs=2)
    assert (found.pictures, found.regularisation, found.uses) == (2, 1, 40)
    assert sum(found.buckets.values()) == 40
    assert found.plan.steps_per_epoch == 8 + 3  # 10 + 20 uses of 512x512, 10 of the wide bucket, in batches of 4
    assert found.saves == (11, 22)


@pytest.mark.parametrize("setting", ["max_train_steps", "max_train_epochs"])
def test_a_slip_of_the_hand_in_the_length_is_a_problem_and_not_counted_through(setting):
    found = report(picture(), save_every_n_steps=1, **{setting: 10**12})
    assert found.problems == (Problem(setting, 10**12, "makes more than 10 million steps; choose fewer"),)
    assert "\n1 problem:\n" in str(found)
    assert report(picture(), max_train_steps=10**7).problems == ()


@pytest.mark.parametrize(("batches", "accumulated", "told"), [(1, 2, True), (2, 3, True), (2, 2, False), (1, 1, False)])
def test_steps_that_an_epoch_ends_early_are_noted(batches, accumulated, told):
    found = report(picture(repeats=4 * batches), train_batch_size=4, gradient_accumulation_steps=accumulated)
    assert any("an epoch has only" in note for note in found.notes) == told


def test_files_of_the_usual_sizes_are_foretold():
    """Rank 16 in fp16 is 18.0 MiB for SD1.5, as sd-scripts writes it."""
    usual = report(picture(), network={"network_dim": 16})
    assert usual.network_weights == 16 * 589_824
    assert usual.checkpoint_bytes / 2**20 == pytest.approx(18.0, abs=0.01)
    unet = report(picture(), network={"network_dim": 16}, text_encoder_lr=0, save_precision="float")
    assert unet.checkpoint_bytes == 4 * 16 * 423_936
    conv = report(picture(), network={"network_dim": 16, "conv_dim": 4}, text_encoder_lr=0)
    assert conv.network_weights == 16 * 500_000 + 4 * 1_000_000


def test_disk_holds_all_checkpoints_two_states_and_the_caches():
    few = report(picture(), max_train_epochs=1, dataset={"cache_latents_to_disk": False})
    more = report(picture(), max_train_epochs=3, dataset={"cache_latents_to_disk": False})
    assert more.disk_bytes - few.disk_bytes == 2 * few.checkpoint_bytes
    assert few.disk_bytes == few.checkpoint_bytes + 2 * few.network_weights * 12
    cached, mirrored = (report(picture(), max_train_epochs=1, dataset={"flip_aug": flip}) for flip in (False, True))
    assert cached.disk_bytes - few.disk_bytes == 4 * 64 * 64 * 2 * 4
    assert mirrored.disk_bytes - few.disk_bytes == 2 * (cached.disk_bytes - few.disk_bytes)
    captions = report(picture(), max_train_epochs=1, text_encoder_lr=0)
    frozen = report(picture(), max_train_epochs=1, text_encoder_lr=0, dataset={"cache_text_encoder_outputs": False})
    assert captions.disk_bytes - frozen.disk_bytes == 2 * 77 * 768 * 4  # the caption and the empty one


def test_memory_follows_the_largest_bucket_and_the_precision_of_the_device():
    small, large = report(picture()), report(picture(), picture("b.png"), train_batch_size=2)
    assert large.memory_bytes > small.memory_bytes
    assert report(picture(), device="cpu").memory_bytes > small.memory_bytes


def test_all_problems_stand_together_and_in_the_text():
    bad = Problem("caption", "x.txt", "is not UTF-8")
    found = report(picture(), device="cpu", problems=(bad,), optimizer_type="AdamW8bit", mixed_precision="fp16")
    assert [problem.setting for problem in found.problems] == ["caption", "optimizer_type", "mixed_precision"]
    assert all(str(problem) in str(found) for problem in found.problems)
    assert "3 problems:" in str(found)


def test_no_picture_is_a_problem():
    assert [problem.setting for problem in report(picture(is_reg=True)).problems] == ["train_data_dir"]
    assert report(picture()).problems == ()


NOTES = [
    ({"max_train_steps": 5, "max_train_epochs": 3}, "without effect: max_train_epochs: max_train_steps is set"),
    ({"learning_rate": 1.0, "unet_lr": 1e-4, "text_encoder_lr": 1e-5}, "without effect: learning_rate: unet_lr and"),
    ({"lr_scheduler_power": 2}, "without effect: lr_scheduler_power: only polynomial reads it"),
    ({"lr_scheduler_num_cycles": 3}, "without effect: lr_scheduler_num_cycles: only cosine_with_restarts reads it"),
    ({"prior_loss_weight": 0.5}, "without effect: prior_loss_weight: there are no regularisation pictures"),
    ({"dataset": {"keep_tokens": 1}}, "without effect: keep_tokens: tags are neither moved nor dropped"),
    (
        {"dataset": {"bucket_no_upscale": True, "min_bucket_reso": 64, "max_bucket_reso": 2048}},
        "without effect: min_bucket_reso: enable_bucket is off, or bucket_no_upscale",
    ),
    (
        {"dataset": {"bucket_no_upscale": True, "max_bucket_reso": 2048}},
        "without effect: max_bucket_reso: enable_bucket is off, or bucket_no_upscale",
    ),
    (
        {"dataset": {"shuffle_caption": True}, "text_encoder_lr": 0.0},
        "without effect: cache_text_encoder_outputs: captions vary",
    ),
    ({"size": SD15._replace(family="sdxl"), "clip_skip": 2}, "without effect: clip_skip: SDXL has its own layers"),
    ({"optimizer_type": "Prodigy"}, "Prodigy finds the rate itself: set learning_rate to 1 (now 0.0001)"),
    ({"lr_warmup_steps": 100}, "lr_warmup_steps = 100: the run of 100 steps never reaches its full rate"),
    ({"gradient_accumulation_steps": 11}, "gradient_accumulation_steps = 11: an epoch has only 10 batches"),
    ({"network": {"network_alpha": 32}}, "network_alpha above network_dim strengthens every update"),
]


@pytest.mark.parametrize(("settings", "note"), NOTES, ids=[note for _, note in NOTES])
def test_setting_without_effect_or_with_a_surprising_one_is_noted(settings, note):
    assert any(found.startswith(note) for found in report(picture(), **settings).notes)


def test_settings_that_all_have_an_effect_are_not_noted():
    assert report(picture(), text_encoder_lr=0).notes == ()
    assert report(picture(), text_encoder_lr=0, dataset={"bucket_no_upscale": True}).notes == ()


def test_surplus_regularisation_pictures_are_noted():
    surplus = [picture(f"{index}.png", is_reg=True) for index in range(12)]
    found = report(picture(), replace(picture("b.png"), repeats=1), *surplus, text_encoder_lr=0)
    assert found.notes == ("regularisation pictures left out: 10; there are more than uses of training pictures",)


def test_text_names_every_figure_and_shortens_many_saves():
    text = str(report(picture(), max_train_epochs=20, network={"network_dim": 16}))
    for part in (
        "pictures    1, regularisation 0; 10 uses",
        "512x512: 10",
        "200: 20 epochs of 10 (10 batches)",
        "9,437,184 weights",
        "20 of 18.0 MiB: after steps 10, 20, 30, ..., 190, 200",
        "memory      about",
    ):
        assert part in text


def test_what_is_as_it_came_brings_no_note():
    assert report(picture(), max_train_steps=5).notes == report(picture()).notes == ()


def test_plan_tells_options_behind_prompts_that_nothing_here_has():
    config = RunConfig(
        dataset=DatasetConfig(train_data_dir=("pictures",)),
        preview=PreviewConfig(preview_prompts=("a --w 512 --g 3.5", "b --cn x.png")),
    )
    found = report_of(config, Scan(pictures=(picture(),), problems=()), SD15, "cpu")
    assert [note for note in found.notes if "--" in note] == [
        f"preview_prompts: '--{option}' is without effect here" for option in ("g 3.5", "cn x.png")
    ]


def test_captions_whose_end_is_cut_off_are_told_with_count_name_and_the_way_out():
    pictures = picture(caption="x" * 75), picture("b.png", caption="x" * 76), picture("c.png", caption="x" * 160)
    assert report(*pictures, text_encoder_lr=0).notes == ()
    assert report(*pictures, text_encoder_lr=0, max_token_length=75).notes == (
        "captions longer than max_token_length = 75, whose end is cut off: 2, longest that of c.png with 160 tokens; "
        "shorten them, or set max_token_length to 225",
    )
    most = report(picture(caption="x" * 740), text_encoder_lr=0, max_token_length=225).notes[0]
    assert most.endswith("longest that of a.png with 740 tokens; shorten them, or set max_token_length to 750")
    beyond = report(picture(caption="x" * 800), text_encoder_lr=0, max_token_length=750).notes[0]
    assert beyond.endswith("longest that of a.png with 800 tokens; shorten them")


def test_captions_are_counted_as_they_are_trained():
    short = picture(caption="x" * 70)
    for dataset in ({"caption_prefix": "mochi"}, {"caption_suffix": "a hat"}):
        notes = report(short, text_encoder_lr=0, max_token_length=75, dataset=dataset).notes
        assert [note for note in notes if "whose end is cut off: 1, longest that of a.png with 77 tokens" in note]
    tags = picture(caption="a, b, " + "x" * 80)
    dropped = {"drop_tags": ("x" * 80,), "shuffle_caption": True, "caption_dropout_rate": 0.9}
    assert not [note for note in report(tags, max_token_length=75, dataset=dropped).notes if "cut off" in note]
    surplus = picture("r.png", caption="x" * 99, is_reg=True, repeats=1)
    alone = report(picture(repeats=1), picture("q.png", is_reg=True, repeats=1), surplus, max_token_length=75).notes
    assert not [note for note in alone if "cut off" in note]  # it is not used


def test_plan_tells_least_and_most_repeats_of_training_pictures():
    mixed = report(picture(), picture("b.png", repeats=3), picture("c.png", repeats=1, is_reg=True))
    assert mixed.repeats == (3, 10)
    assert report(problems=()).repeats == (0, 0)


def test_plan_tells_family_and_own_size_of_the_base_model():
    found = report(picture())
    assert (found.family, found.side, found.base_model) == ("sd1", 512, "")


def test_noise_that_would_be_drawn_otherwise_is_a_problem_of_the_base_model():
    size = SD15._replace(mismatches=("set it right",))
    assert [(one.setting, one.remedy) for one in report(picture(), size=size).problems] == [
        ("base_model", "set it right")
    ]
    assert not report(picture()).problems


def test_weights_of_v_are_without_effect_on_a_model_that_predicts_noise():
    for predicts, idle in (("epsilon", True), ("v", False)):
        told = report(picture(), size=SD15._replace(predicts=predicts), scale_v_pred_loss_like_noise_pred=True)
        assert any("the model does not predict v" in note for note in told.notes) == idle
