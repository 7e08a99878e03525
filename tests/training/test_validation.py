"""Held-out pictures are measured by the formula, and a run's own numbers do not notice."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from lib_train.checkpoints.resume import read_state, write_state
from lib_train.diffusion.noise import generator_of
from lib_train.pictures.places import Places
from lib_train.training.events import CheckpointReady, PictureLoss, StepDone, Validated
from lib_train.training.validation import timesteps_of
from tests.fake_model import FakeModel
from tests.fakes import fake_assembly

VARIED: dict[str, Any] = {
    "dataset": {"flip_aug": True, "shuffle_caption": True, "caption_dropout_rate": 0.5, "random_crop": True},
    "network": {"network_dropout": 0.3, "rank_dropout": 0.2, "module_dropout": 0.2, "tlora": True, "network_dim": 4},
    "text_encoder_lr": 1e-3, "min_snr_gamma": 5, "noise_offset": 0.1, "max_train_steps": 6,
    "gradient_accumulation_steps": 2,
}  # fmt: skip


@pytest.fixture
def held_out(tmp_path):
    """A plain folder of three pictures of two shapes."""
    folder = tmp_path / "held out"
    folder.mkdir()
    for index, size in enumerate([(64, 64), (192, 64), (64, 64)]):
        Image.new("RGB", size, (200 - 50 * index, 30 * index, 90)).save(folder / f"{index}.png")
        (folder / f"{index}.txt").write_text(f"mochi, other {index}", encoding="utf-8")
    return str(folder)


def validation_of(assembly):
    found = assembly.trainer._validation
    assert found is not None
    return found


def told(assembly):
    events = list(assembly.trainer.events())
    steps = [(one.step, one.loss, one.pictures) for one in events if isinstance(one, StepDone)]
    weights = {name: tensor.clone() for name, tensor in assembly.network.tensors().items()}
    return steps, weights, [one for one in events if isinstance(one, Validated)]


def test_a_run_is_bit_equal_whether_held_out_pictures_are_measured_or_not(pictures, held_out):
    plain, weights, none = told(fake_assembly(pictures, **VARIED))
    measured, same, found = told(
        fake_assembly(pictures, **VARIED, validation_data_dir=(held_out,), validate_every_n_steps=1)
    )
    assert none == []
    assert [one.step for one in found] == [1, 2, 3, 4, 5, 6]
    assert measured == plain
    assert all(torch.equal(weights[name], same[name]) for name in weights)


@pytest.mark.parametrize("text_encoder_lr", [0.0, 1e-3])
def test_loss_is_the_squared_error_of_fixed_noise_with_and_without_the_network(pictures, held_out, text_encoder_lr):
    model = FakeModel()
    training = {"train_batch_size": 1, "validation_seed": 7, "min_snr_gamma": 1, "learning_rate": 0.1}
    assembly = fake_assembly(pictures, model, validation_data_dir=(held_out,), text_encoder_lr=text_encoder_lr,
                             max_train_steps=3, **training)  # fmt: skip
    assembly.network.dropout.thins = False
    found = told(assembly)[2][-1]
    batches = validation_of(assembly)._batches
    for losses, worn in ((found.on, assembly.network.attached()), (found.off, nullcontext())):
        with worn, torch.no_grad():
            for timestep in (100, 900):
                expected = []
                for place, uses in enumerate(batches.epoch(0)):
                    latents = batches.batch(uses, 0).latents
                    noise = torch.randn(latents.shape, generator=generator_of(7, "validation", place, timestep))
                    bar = model.alphas_cumprod[timestep].float()
                    captions = [f"mochi, other {uses[0].index}"]
                    predicted = model.unet(
                        bar.sqrt() * latents + (1 - bar).sqrt() * noise,
                        torch.tensor([timestep]),
                        model.encode_captions(captions, 1, 225).context,
                    )
                    expected.append(float((predicted - noise).square().mean()))
                assert losses[timestep] == pytest.approx(sum(expected) / 3, rel=1e-5)
    assert found.on != found.off


def test_fresh_network_measures_as_the_base_model_does_in_the_middle_of_five_bands(pictures, held_out):
    assembly = fake_assembly(pictures, **VARIED, validation_data_dir=(held_out,))
    with assembly.network.attached():
        on, off = validation_of(assembly).measured()
    assert on == pytest.approx(off, rel=1e-6)
    assert list(on) == [100, 300, 500, 700, 900]


@pytest.mark.parametrize("stop", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("before_measuring", [False, True])
def test_resumed_run_measures_what_the_uninterrupted_one_does(pictures, held_out, tmp_path, stop, before_measuring):
    settings = {**VARIED, "validation_data_dir": (held_out,), "validate_every_n_steps": 2}
    whole = {one.step: one for one in told(fake_assembly(pictures, **settings))[2]}
    first = fake_assembly(pictures, **settings)
    events, earlier = first.trainer.events(), {}
    for event in events:
        if isinstance(event, Validated):
            earlier[event.step] = event
        if first.trainer.step == stop and (before_measuring or isinstance(event, Validated) or stop % 2):
            break
    state = write_state(tmp_path, stop, *first.trainer.state())
    events.close()
    second = fake_assembly(pictures, **settings)
    second.trainer.load_state(*read_state(state))
    later = {one.step: one for one in told(second)[2]}
    assert earlier.keys() & later.keys() == set()
    assert earlier | later == whole
    assert sorted(whole) == [2, 4, 6]


@pytest.mark.parametrize(
    ("settings", "steps"),
    [({}, [2, 4, 6, 8]), ({"validate_every_n_epochs": 3}, [6, 8]), ({"validate_every_n_steps": 5}, [5, 8])],
)
def test_pictures_are_measured_at_each_interval_and_at_the_end(pictures, held_out, settings, steps):
    assembly = fake_assembly(pictures, max_train_steps=8, gradient_accumulation_steps=2,
                             validation_data_dir=(held_out,), **settings)  # fmt: skip
    assert assembly.plan.steps_per_epoch == 2
    found = told(assembly)[2]
    assert [one.step for one in found] == steps
    assert [one.epoch for one in found] == [(step - 1) // 2 + 1 for step in steps]
    assert assembly.plan.validations >= len(steps)


def test_a_share_is_held_out_and_not_trained_on(pictures):
    assembly = fake_assembly(pictures, validation_split=0.34, train_batch_size=1, max_train_steps=8)
    steps, _, found = told(assembly)
    seen: set[PictureLoss] = {one for _, _, losses in steps for one in losses}
    assert {one.picture for one in seen} == {0, 1}
    assert len(validation_of(assembly)._uses) == 1
    assert [one.step for one in found] == [4, 8]


@pytest.mark.parametrize("ema", ["off", "beside", "instead"])
def test_what_the_file_holds_is_measured(pictures, held_out, ema):
    settings: dict[str, Any] = {"validation_data_dir": (held_out,), "learning_rate": 0.1}
    assembly = fake_assembly(pictures, **settings, ema=ema)
    for event in assembly.trainer.events():
        if isinstance(event, Validated):
            found = event
        if isinstance(event, CheckpointReady):
            saved = {name: tensor.clone() for name, tensor in event.tensors.items()}
    other = fake_assembly(pictures, **settings)
    other.network.load(saved)
    with other.network.attached():
        assert validation_of(other).measured().on == found.on


def test_no_more_batches_are_measured_than_wanted(pictures, held_out):
    assembly = fake_assembly(pictures, validation_data_dir=(held_out,), train_batch_size=1, max_validation_steps=2)
    assert len(validation_of(assembly)._uses) == 2


def test_masks_say_what_is_measured(pictures, held_out):
    """A mask that is white everywhere measures as none does, another one does not."""
    place = Places.of_folder(Path(held_out)).masks / "held out"
    place.mkdir(parents=True)

    def measured(*boxes):
        for index, box in enumerate(boxes):
            mask = Image.new("L", (192 if index == 1 else 64, 64), 0)
            mask.paste(255, box)
            mask.save(place / f"{index}.png")
        return told(fake_assembly(pictures, validation_data_dir=(held_out,), masked_loss=bool(boxes)))[2][-1].off

    whole = (0, 0, 192, 64)
    plain = measured()
    assert measured(whole, whole, whole) == pytest.approx(plain, rel=1e-6)
    assert measured((0, 0, 32, 64), whole, whole) != pytest.approx(plain, rel=1e-6)


def test_timesteps_lie_in_the_middle_of_bands_of_the_trained_ones():
    assert timesteps_of(200, 700) == (250, 350, 450, 550, 650)
    assert timesteps_of(0, 2) == (0, 1)
