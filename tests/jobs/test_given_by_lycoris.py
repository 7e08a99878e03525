"""Training goes on from files that LyCORIS wrote, of every kind that it has and that is read here."""

import pytest
import torch
from safetensors.torch import load_file

from lib_train.networks.targets import targets_of
from tests.fake_model import FakeModel
from tests.jobs.test_given import set_to
from tests.lora_tools.of_lycoris import FILES, NOT_TRAINED, written_by_lycoris

pytest.importorskip("lycoris", reason="LyCORIS is not installed")
ON_LAYERS = [way for way in FILES if way not in ("Norm", *NOT_TRAINED)]  # the model has no norms


def of_lycoris(way, tmp_path):
    model = FakeModel()
    targets = targets_of("sd1", model.unet, model.text_encoders)
    path = tmp_path / "theirs.safetensors"
    return path, written_by_lycoris(way, [target for target in targets if "_conv_" not in target.name], path)


@pytest.mark.parametrize("way", ON_LAYERS)
def test_training_goes_on_from_it_with_its_kind_and_sizes(service, config, tmp_path, way):
    path, before = of_lycoris(way, tmp_path)
    still = {"learning_rate": 1e-12, "max_train_steps": 1}
    going = set_to(config, network_weights=str(path), dim_from_weights=True, training=still)
    plan = service.plan(going)
    assert plan.problems == ()
    after = load_file(service.train("p", "v1", going).checkpoints[-1])
    assert after.keys() == before.keys()
    for key, tensor in before.items():
        torch.testing.assert_close(after[key].float(), tensor.float().reshape(after[key].shape), rtol=1e-5, atol=1e-6)
    learning = set_to(going, training={"learning_rate": 1e-2})
    learned = load_file(service.train("p", "v2", learning).checkpoints[-1])
    trained = [key for key in before if before[key].numel() > 1]
    assert all(not torch.equal(learned[key], after[key]) for key in trained)
    assert plan.network_weights == sum(before[key].numel() for key in trained)


@pytest.mark.parametrize("way", NOT_TRAINED)
def test_what_is_not_trained_is_refused_with_the_ways_out_and_works_in_the_background(service, config, tmp_path, way):
    path, _ = of_lycoris(way, tmp_path)
    for taken in (True, False):
        (found,) = service.plan(set_to(config, network_weights=str(path), dim_from_weights=taken)).problems
        kind = way.partition(",")[0]
        assert (found.setting, found.remedy[:60]) == (
            "network_weights", f"holds {kind}, which is read but not trained here: make a LoRA of it"[:60],
        )  # fmt: skip
    beside = set_to(config, base_weights=(str(path),), training={"learning_rate": 1e-2})
    assert service.plan(beside).problems == ()
    plain = set_to(config, training={"learning_rate": 1e-2})
    one, other = (load_file(service.train("p", name, at).checkpoints[-1]) for name, at in (("a", beside), ("b", plain)))
    assert one.keys() == other.keys()
    assert any(not torch.equal(tensor, other[key]) for key, tensor in one.items())
