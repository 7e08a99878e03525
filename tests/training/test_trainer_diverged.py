import math

import pytest

from lib_train.errors import HostModelError, TrainingDiverged
from lib_train.training.events import CheckpointReady, StepDone
from tests.fake_model import FakeModel
from tests.fakes import fake_assembly


def test_diverged_loss_names_step_rates_and_the_way_out(pictures, monkeypatch):
    model = FakeModel()
    assembly = fake_assembly(pictures, model)
    predict = model.predict
    calls = []

    def second(*args):
        calls.append(args)
        return predict(*args) * (math.nan if len(calls) == 2 else 1)

    monkeypatch.setattr(model, "predict", second)
    with pytest.raises(TrainingDiverged, match=r"the loss became nan at step 2 .*unet 0.001.*lower learning_rate"):
        list(assembly.trainer.events())
    assert not any("forward" in m.__dict__ for m in model.unet.modules())


@pytest.mark.parametrize(
    ("part", "settings", "fault"),
    [
        (
            "unet",
            {},
            r"is broken, 1 of its tensors hold NaN or infinity \(down_blocks.*bias\): take another copy of the ch",
        ),
        ("text", {}, r"is broken, 1 of its tensors hold NaN or infinity \(encoder.*bias\): take another copy"),
        (
            None,
            {"mixed_precision": "bf16"},
            r"overflows in half precision \(bf16\): set mixed_precision to no, or take",
        ),
        (None, {}, "gives none although its weights are numbers: take another copy"),
    ],
    ids=["U-Net", "text encoder", "half precision", "unknown"],
)
def test_loss_that_is_none_before_anything_was_trained_is_the_base_models_fault(pictures, part, settings, fault):
    model = FakeModel()
    if part == "unet":
        model.unet.down_blocks[0].attentions[0].proj_in.bias[0] = math.nan
    elif part == "text":
        model.text_encoders[0].encoder["layers"][0].mlp["fc1"].bias[0] = math.nan
    else:
        predict = model.predict
        model.predict = lambda *asks: predict(*asks) * math.nan  # type: ignore[method-assign]
    assembly = fake_assembly(pictures, model, **settings)
    message = rf"the loss became nan at step 1, before anything was trained: the base model fake {fault}"
    with pytest.raises(HostModelError, match=message):
        list(assembly.trainer.events())


def test_bad_weights_are_never_offered_as_a_checkpoint(pictures):
    assembly = fake_assembly(pictures, max_train_steps=2)
    kinds = []
    with pytest.raises(TrainingDiverged, match="weights became NaN or infinite by step 2"):
        for event in assembly.trainer.events():
            kinds.append(type(event))
            if isinstance(event, StepDone) and event.step == 1:
                continue
            if isinstance(event, StepDone):
                assembly.network.parameters("unet")[0].data[0, 0] = math.inf
    assert CheckpointReady not in kinds
