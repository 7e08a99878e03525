"""Rates of text encoders: one for each of SDXL's, and a text encoder that stops."""

from typing import Any

import pytest
import torch

from lib_train.checkpoints.resume import read_state, write_state
from lib_train.config.training import TrainingConfig
from lib_train.errors import ConfigError
from lib_train.host.protocol import Conditioning
from lib_train.training.events import StepDone
from tests.fake_model import FakeModel, FakeText, tokens_of
from tests.fakes import fake_assembly


class TwoTexts(FakeModel):
    """As SDXL: two text encoders."""

    family = "sdxl"

    def __init__(self):
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(9)
            self.text_encoders = [*self.text_encoders, FakeText().requires_grad_(False)]

    def encode_captions(self, captions, *reading):
        ids = torch.tensor([(tokens_of(caption) + [1] * 5)[:5] for caption in captions])
        return Conditioning(sum(text(ids) for text in self.text_encoders))


def finished(run):
    losses = {event.step: event.loss for event in run.trainer.events() if isinstance(event, StepDone)}
    return losses, {name: tensor.clone() for name, tensor in run.network.tensors().items()}


def moved(run):
    """Distance that each text encoder's ``up`` has gone from 0, by the beginning of its name."""
    list(run.trainer.events())
    return {
        name[:8]: float(tensor.abs().max()) for name, tensor in run.network.tensors().items()
        if name.startswith("lora_te") and "up" in name
    }  # fmt: skip


ONE_STEP: dict[str, Any] = {
    "optimizer_args": {"weight_decay": 0, "eps": 1e-30}, "max_train_steps": 1, "max_grad_norm": 0
}  # fmt: skip


@pytest.mark.parametrize(
    ("rates", "wanted"),
    [
        ({"text_encoder_lr": 1e-3}, {"lora_te1": 1e-3, "lora_te2": 1e-3}),
        ({"text_encoder_lr": 1e-3, "text_encoder_lr2": 1e-5}, {"lora_te1": 1e-3, "lora_te2": 1e-5}),
        ({"text_encoder_lr": 1e-3, "text_encoder_lr2": 0}, {"lora_te1": 1e-3}),
        ({"text_encoder_lr": 0, "text_encoder_lr2": 1e-4}, {"lora_te2": 1e-4}),
        ({"text_encoder_lr": 0}, {}),
    ],
)
def test_each_of_two_text_encoders_has_its_rate_and_none_at_0_has_layers(pictures, rates, wanted):
    run = fake_assembly(pictures, TwoTexts(), **ONE_STEP, **rates)
    assert moved(run) == pytest.approx(wanted, rel=1e-3)


def test_second_rate_means_nothing_where_there_is_one_text_encoder(pictures):
    plain = finished(fake_assembly(pictures))
    second = finished(fake_assembly(pictures, text_encoder_lr2=5.0))
    assert plain[0] == second[0]
    with pytest.raises(ConfigError, match="text_encoder_lr2 = 1.0: only SDXL has a second text encoder"):
        fake_assembly(pictures, text_encoder_lr=0, text_encoder_lr2=1.0)


STOPS: dict[str, Any] = {
    "text_encoder_stop": 0.5, "max_train_steps": 6, "lr_scheduler": "cosine", "train_batch_size": 1
}  # fmt: skip
WAYS: dict[str, dict[str, Any]] = {
    "cached": {},
    "encoded each time": {"dataset": {"cache_text_encoder_outputs": False}},
    "varied": {"dataset": {"shuffle_caption": True, "caption_dropout_rate": 0.3}},
}
OPTIMIZERS = {"AdamW": 1e-3, "Lion": 1e-4, "SGD": 0.1, "Adafactor": 1e-3, "Prodigy": 1.0, "DAdaptAdam": 1.0,
              "CAME": 1e-3, "AdamWScheduleFree": 1e-3}  # fmt: skip


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_text_encoder_stays_as_it_is_after_its_share_of_the_steps(pictures, optimizer):
    settings = {**STOPS, "optimizer_type": optimizer, "learning_rate": OPTIMIZERS[optimizer]}
    run = fake_assembly(pictures, **settings)
    kept, told = {}, {}
    for event in run.trainer.events():
        if isinstance(event, StepDone):
            kept[event.step] = {name: tensor.clone() for name, tensor in run.network.tensors().items()}
            told[event.step] = event.lr
    for part in ("lora_te", "lora_unet"):
        names = [name for name in kept[1] if name.startswith(part)]
        moves = [any(not torch.equal(kept[step][n], kept[step + 1][n]) for n in names) for step in range(1, 6)]
        assert moves == [True, True] + [part == "lora_unet"] * 3
    assert [told[step]["text_encoder"] > 0 for step in told] == [True] * 3 + [False] * 3
    assert all(lr["unet"] > 0 for lr in told.values())


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("stop", [2, 3, 4])
def test_run_goes_on_bit_for_bit_from_a_state_on_either_side_of_the_stop(pictures, tmp_path, way, stop):
    def made():
        return fake_assembly(pictures, **STOPS, network={"network_dropout": 0.2, "module_dropout": 0.2}, **WAYS[way])

    losses, weights = finished(made())
    first, second = made(), made()
    events = first.trainer.events()
    while not (isinstance(event := next(events), StepDone) and event.step == stop):
        pass
    state = write_state(tmp_path, stop, *first.trainer.state())
    events.close()
    second.trainer.load_state(*read_state(state))
    rest, resumed = finished(second)
    assert rest == {step: loss for step, loss in losses.items() if step > stop}
    assert all(torch.equal(resumed[name], weights[name]) for name in weights)


@pytest.mark.parametrize(("way", "encodings"), [("cached", 6 + 4), ("encoded each time", 12), ("varied", 12)])
def test_captions_are_encoded_once_from_then_on_where_they_are_fixed(pictures, way, encodings):
    model = FakeModel()
    run = fake_assembly(pictures, model, **{**STOPS, "max_train_steps": 12}, **WAYS[way])
    list(run.trainer.events())
    assert model.captions_encoded == encodings  # six before, then each of three and the empty one


def test_up_to_the_stop_the_run_is_that_which_never_stops_there(pictures):
    losses = finished(fake_assembly(pictures, **STOPS))[0]
    whole = finished(fake_assembly(pictures, **{**STOPS, "text_encoder_stop": 1}))[0]
    assert [losses[step] for step in range(1, 5)] == pytest.approx([whole[step] for step in range(1, 5)], rel=1e-6)
    assert losses[6] != whole[6]


def test_stop_without_a_unet_to_go_on_with_is_refused():
    with pytest.raises(ConfigError, match="text_encoder_stop = 0.5: nothing is left to train then"):
        TrainingConfig(unet_lr=0, text_encoder_stop=0.5)
