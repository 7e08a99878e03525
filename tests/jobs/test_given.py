"""Training that goes on from a file, and what a plan says of such a file."""

import json
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file, save_file

from lib_train.checkpoints.files import read_metadata
from lib_train.config.network import NETWORK_TYPES
from lib_train.errors import ConfigError
from lib_train.networks.spellings import to_peft
from tests.jobs.stopping import weights

QUERY = "lora_unet_down_blocks_0_attentions_0_to_q"
TEXT = "lora_te_text_model_encoder_layers_0_mlp_fc1"


def set_to(config, *, training=None, **network):
    return replace(
        config,
        network=replace(config.network, **network),
        training=replace(config.training, save_precision="float", **(training or {})),
    )


@pytest.fixture
def file(service, config):
    """A trained file: rank 2, alpha 4, of U-Net and text encoder."""
    outcome = service.train("p", "v0", set_to(config, network_alpha=4.0, training={"learning_rate": 1e-2}))
    return outcome.checkpoints[-1]


def altered(file, tmp_path, change, name="x.safetensors", metadata=None):
    found = {key: tensor for key, tensor in load_file(file).items()}
    save_file(change(found), tmp_path / name, metadata)
    return str(tmp_path / name)


def problem(service, config):
    (found,) = service.plan(config).problems
    assert found.setting == "network_weights"
    return found.remedy


@pytest.mark.parametrize("taken", [True, False], ids=["sizes of the file", "sizes of the settings"])
def test_training_begins_with_the_files_tensors(service, config, file, taken):
    still = {"learning_rate": 1e-12, "max_train_steps": 1}
    going = set_to(config, network_weights=str(file), dim_from_weights=taken, training=still)
    first = load_file(service.train("p", "v1", going).checkpoints[-1])
    before = load_file(file)
    assert first.keys() == before.keys()
    for name, tensor in before.items():
        torch.testing.assert_close(first[name], tensor, rtol=1e-6, atol=1e-9)
    metadata = read_metadata(service.train("p", "v2", going).checkpoints[-1])
    assert metadata["ss_network_weights"] == file.name
    assert (metadata["ss_network_dim"], metadata["ss_network_alpha"]) == ("2", "4.0")


@pytest.mark.parametrize("taken", [True, False], ids=["sizes of the file", "sizes of the settings"])
def test_resumed_run_is_the_same_to_the_bit_without_the_file(service, config, file, taken):
    going = set_to(config, network_weights=str(file), dim_from_weights=taken, training={"learning_rate": 1e-2})
    whole = service.train("p", "v1", going)
    service.host.between_steps = lambda done, total: (done, total) != (2, 4)
    assert not service.train("p", "v2", going).finished
    service.host.between_steps = lambda done, total: True
    file.unlink()
    resumed = service.resume("p", "v2")
    assert resumed.finished
    assert weights(resumed.run) == weights(whole.run)
    assert read_metadata(resumed.checkpoints[-1])["ss_network_weights"] == file.name


@pytest.mark.parametrize("decomposed", [False, True])
@pytest.mark.parametrize("kind", NETWORK_TYPES)
def test_every_kind_is_gone_on_from_whatever_kind_is_set(service, config, kind, decomposed):
    own = set_to(config, network_type=kind, dora_wd=decomposed, training={"learning_rate": 1e-2})
    file = service.train("p", "v0", own).checkpoints[-1]
    still = {"learning_rate": 1e-12, "max_train_steps": 1}
    going = set_to(config, network_weights=str(file), dim_from_weights=True, training=still)
    again = service.train("p", "v1", going).checkpoints[-1]
    before, after = load_file(file), load_file(again)
    assert before.keys() == after.keys()
    for name, tensor in before.items():
        torch.testing.assert_close(after[name], tensor, rtol=1e-5, atol=1e-6)
    told = [read_metadata(path) for path in (file, again)]
    for key in ("ss_network_module", "ss_network_dim", "ss_network_alpha"):
        assert told[0][key] == told[1][key]
    algos = [json.loads(one["ss_network_args"]) for one in told]
    assert [algos[0].get(name) for name in ("algo", "dora_wd")] == [algos[1].get(name) for name in ("algo", "dora_wd")]
    assert service.plan(set_to(own, network_weights=str(file), training=still)).problems == ()


def test_files_with_other_programs_names_are_gone_on_from(service, config, file, tmp_path):
    spelled = to_peft(load_file(file), "sd1")
    save_file(spelled.tensors | {"bundle_emb.cat.x": torch.ones(2, 8)}, tmp_path / "peft.safetensors", spelled.metadata)
    config = set_to(config, dim_from_weights=True)
    one, other = (
        service.train("p", name, set_to(config, network_weights=str(path))).checkpoints[-1]
        for name, path in (("v1", file), ("v2", tmp_path / "peft.safetensors"))
    )
    ours, theirs = load_file(one), load_file(other)
    assert all(torch.equal(tensor, theirs[name]) for name, tensor in ours.items())
    notes = service.plan(set_to(config, network_weights=str(tmp_path / "peft.safetensors"))).notes
    assert "training goes on from peft.safetensors: LoRA of rank 2 with alpha 4" in notes
    assert "embeddings in peft.safetensors are left out: cat" in notes


def test_lokrs_own_factor_is_the_files_in_the_plan_and_in_the_metadata(service, config):
    own = set_to(config, network_type="lokr", factor=1)
    file = service.train("p", "v0", own).checkpoints[-1]
    going = set_to(config, network_type="lokr", network_weights=str(file), dim_from_weights=True)
    made = service.train("p", "v1", going).checkpoints[-1]
    assert {key: t.shape for key, t in load_file(made).items()} == {key: t.shape for key, t in load_file(file).items()}
    assert json.loads(read_metadata(made)["ss_network_args"])["factor"] == 1
    assert service.plan(going).network_weights == service.plan(own).network_weights


def test_ranks_layers_and_alphas_are_the_files_whatever_is_set(service, config, file, tmp_path):
    mixed = altered(file, tmp_path, lambda found: {
        f"{QUERY}.lora_down.weight": torch.randn(5, 8), f"{QUERY}.lora_up.weight": torch.randn(8, 5),
        f"{QUERY}.alpha": torch.tensor(3.0), **{key: t for key, t in found.items() if "to_k" in key},
    })  # fmt: skip
    going = set_to(config, network_dim=64, conv_dim=8, network_weights=mixed, dim_from_weights=True)
    assert service.plan(going).network_weights == 5 * 16 + 2 * 16
    made = load_file(service.train("p", "v1", going).checkpoints[-1])
    assert {key.split(".")[0] for key in made} == {QUERY, QUERY.replace("to_q", "to_k")}
    assert made[f"{QUERY}.lora_down.weight"].shape == (5, 8)
    assert made[f"{QUERY}.alpha"] == 3.0


def test_a_part_without_a_rate_stays_as_it_is_in_the_file_and_acts(service, config, file):
    going = set_to(
        config, network_weights=str(file), dim_from_weights=True,
        training={"text_encoder_lr": 0.0, "learning_rate": 1e-2},
    )  # fmt: skip
    assert "1 layers of p-v0-r001.safetensors have no learning rate and stay as they are" in service.plan(going).notes
    made, before = load_file(service.train("p", "v1", going).checkpoints[-1]), load_file(file)
    assert all(torch.equal(made[key], before[key]) for key in before if key.startswith(TEXT))
    assert not torch.equal(made[f"{QUERY}.lora_up.weight"], before[f"{QUERY}.lora_up.weight"])
    cached, plain = (
        service.train("p", name, replace(going, dataset=replace(going.dataset, cache_text_encoder_outputs=cache)))
        for name, cache in (("v2", True), ("v3", False))
    )
    assert weights(cached.run) == weights(plain.run)  # captions are encoded with the file's text encoder


def test_differences_from_the_settings_are_told_with_the_way_out(service, config, file):
    wide = problem(service, set_to(config, network_weights=str(file), network_dim=8, conv_dim=4))
    assert wide.startswith(
        "LoRA of rank 2 with alpha 4, does not fit the settings: 5 layers are of another kind or size"
    )
    assert (
        "; 1 layers that are to be trained are missing (lora_unet_down_blocks_0_resnets_0_conv1). Set dim_from" in wide
    )
    fewer = problem(service, set_to(config, network_weights=str(file), training={"text_encoder_lr": 0.0}))
    assert f": 1 layers are not to be trained ({TEXT}). Set dim_from_weights" in fewer
    with pytest.raises(ConfigError, match="network_weights = .* does not fit the settings"):
        service.train("p", "v1", set_to(config, network_weights=str(file), network_dim=8))


def test_files_that_cannot_be_gone_on_from_are_named_before_training(service, config, file, tmp_path):
    config = set_to(config, dim_from_weights=True)

    def told(change, **more):
        return problem(service, set_to(config, network_weights=altered(file, tmp_path, change, **more)))

    missing = problem(service, set_to(config, network_weights=str(tmp_path / "none.safetensors")))
    assert "none.safetensors: there is no such file" in missing
    (tmp_path / "cut.safetensors").write_bytes(file.read_bytes()[:-3])
    assert "is cut short" in problem(service, set_to(config, network_weights=str(tmp_path / "cut.safetensors")))
    broken = told(
        lambda found: found | {f"{QUERY}.lora_up.weight": torch.full((8, 2), torch.nan)}, name="a.safetensors"
    )
    assert f"1 of its tensors hold NaN or infinity ({QUERY}.lora_up.weight)" in broken
    other = told(lambda found: found, name="b.safetensors", metadata={"ss_base_model_version": "sdxl_base_v1-0"})
    assert other == "is for SDXL, the base model is SD1: choose a file of the base model's family"
    strange = {
        f"lora_unet_mid_block_attentions_0_proj_in.lora_{end}.weight": torch.ones(2, 2) for end in ("up", "down")
    }
    assert "1 of the file's 6 layers are not in this base model" in told(lambda f: f | strange, name="c.safetensors")


def test_a_file_without_a_layer_that_has_a_rate_is_named(service, config, file, tmp_path):
    text = altered(file, tmp_path, lambda found: {k: t for k, t in found.items() if k.startswith(TEXT)})
    going = set_to(config, network_weights=text, dim_from_weights=True, training={"text_encoder_lr": 0.0})
    assert problem(service, going).startswith("holds no layers of what has a learning rate (unet)")


def test_a_changed_file_is_looked_through_again(service, config, file, tmp_path):
    going = set_to(config, network_weights=altered(file, tmp_path, lambda f: f), dim_from_weights=True)
    assert service.plan(going).problems == ()
    altered(file, tmp_path, lambda f: {key: tensor * torch.nan for key, tensor in f.items()})
    assert "NaN" in problem(service, going)
