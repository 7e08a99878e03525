"""Predictions are those of the model, the same ones each time, and the model is as it was afterwards."""

import pytest
import torch

from lib_train.config.training import TrainingConfig
from lib_train.judging.asking import Asking
from lib_train.judging.figures import finite
from tests.fake_model import FakeModel
from tests.judging.made import asked, network_on, probes_on


def state_of(model):
    parts = (model.unet, *model.text_encoders)
    return [tensor.clone() for part in parts for tensor in part.state_dict().values()]


def test_an_answer_is_what_the_model_predicts_for_that_question_alone():
    model = FakeModel()
    probes = probes_on(model)
    answers = asked(model, probes, train_batch_size=3)
    for place in (0, 5, len(answers) - 1):
        one = probes.questions[place]
        condition = model.encode_captions([one.caption], 1, 225)
        with torch.no_grad():
            alone = model.predict(one.noisy[None], torch.tensor([one.timestep]), condition, one.sizes[None])[0]
        torch.testing.assert_close(answers[place], alone)


def test_batches_hold_one_size_each_and_every_question_once():
    model = FakeModel()
    probes = probes_on(model)
    batches = Asking(model, TrainingConfig(train_batch_size=2)).batches(probes.questions)
    assert sorted(place for batch in batches for place in batch) == list(range(len(probes.questions)))
    assert max(map(len, batches)) == 4
    for batch in batches:
        assert len({probes.questions[place].noisy.shape for place in batch}) == 1


@pytest.mark.parametrize("kind", ["lora", "loha", "dora", "lokr"])
def test_answers_with_a_network_are_bit_equal_each_time_and_the_model_is_untouched(kind):
    model = FakeModel()
    probes, before = probes_on(model), state_of(model)
    forwards = [module.__dict__.get("forward") for module in model.unet.modules()]
    plain = asked(model, probes)
    network = network_on(model, network_type=kind)
    with network.attached():
        first, second = asked(model, probes), asked(model, probes)
    assert all(torch.equal(one, other) for one, other in zip(first, second, strict=True))
    assert not any(torch.equal(one, other) for one, other in zip(plain, first, strict=True))
    assert all(torch.equal(one, other) for one, other in zip(plain, asked(model, probes), strict=True))
    assert all(torch.equal(one, other) for one, other in zip(before, state_of(model), strict=True))
    assert [module.__dict__.get("forward") for module in model.unet.modules()] == forwards


def test_captions_are_read_by_the_text_encoder_that_the_network_is_on():
    model = FakeModel()
    probes = probes_on(model)
    network = network_on(model)
    for update in network.layers.values():
        if update.target.part == "unet":
            for parameter in update.parameters().values():
                parameter.data.zero_()
    plain = asked(model, probes)
    with network.attached():
        assert not torch.equal(asked(model, probes)[0], plain[0])


def test_nan_is_noticed():
    assert finite([torch.zeros(2)])
    assert not finite([torch.zeros(2), torch.tensor([1.0, float("nan")])])
