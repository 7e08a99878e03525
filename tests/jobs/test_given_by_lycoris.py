"""Training goes on from files that LyCORIS wrote, of every kind that it has and that is read here."""

import pytest
import torch
from safetensors.torch import load_file

from lib_train.networks.targets import targets_of
from tests.fake_model import FakeModel
from tests.jobs.test_given import set_to
from tests.lora_tools.of_lycoris import FILES, written_by_lycoris

pytest.importorskip("lycoris", reason="LyCORIS is not installed")
ON_LAYERS = [way for way in FILES if way != "Norm"]  # the model has no norms


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
