"""Checkpoints that prompts of the WebUI may name, on the stand-in of ``tests.fake_webui``."""

import os
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from lib_train.checkpoints.files import write_network
from lib_train.networks.spellings import to_peft
from lib_train.networks.targets import targets_of
from tests.host.inputs import network_of, picture_request
from tests.host.inside import borrowed, load

PARTS = ("unet", "text_encoder")
TABLES = ("available_networks", "available_network_aliases", "available_network_hash_lookup")


@pytest.fixture
def tables(adapter, tmp_path):
    """The Lora extension, with a folder of its own."""
    import networks
    from modules import shared

    shared.cmd_opts.lora_dir = str(tmp_path / "Lora")
    (tmp_path / "Lora").mkdir()
    return networks


def written(path, host, filled, with_hash=True):
    """A LoRA file whose matrices are all one number, with its hash in it or not."""
    with borrowed(host) as model:
        tensors = network_of(model, ("unet",)).tensors()
    path.parent.mkdir(exist_ok=True)
    filled_ones = {n: t if n.endswith("alpha") else t * 0 + filled for n, t in tensors.items()}
    if with_hash:
        write_network(path, filled_ones, {}, "float")
    else:
        save_file(filled_ones, path)
    return path


def state_of(tables):
    return {name: dict(getattr(tables, name)) for name in TABLES}


@pytest.mark.parametrize("with_hash", [True, False], ids=["with hash", "without hash"])
def test_a_preview_leaves_the_webui_s_lists_of_loras_as_they_were(sd_model, host, tables, tmp_path, with_hash):
    written(tmp_path / "Lora" / "other.safetensors", host, 0.01)
    tables.list_available_networks()
    before = state_of(tables)
    file = written(tmp_path / "mochi.safetensors", host, 0.02, with_hash)
    with borrowed(host) as model:
        worn, bare = (p.tobytes() for p, _ in host.render(model, [picture_request(network=file), picture_request()]))
    assert worn != bare
    assert state_of(tables) == before
    assert "mochi" not in tables.networks_in_memory


def test_a_file_with_another_programs_names_is_drawn_as_that_with_kohyas(sd_model, host, tables, tmp_path):
    file = written(tmp_path / "mochi.safetensors", host, 0.02)
    (tmp_path / "peft").mkdir()
    other = tmp_path / "peft" / "mochi.safetensors"
    save_file(to_peft(load_file(file)).tensors, other)
    with borrowed(host) as model:
        requests = [picture_request(network=network) for network in (file, other, None)]
        ours, peft, bare = (picture.tobytes() for picture, _ in host.render(model, requests))
    assert ours == peft != bare
    assert "mochi" not in tables.available_networks


@pytest.mark.parametrize("older", ["mochi.safetensors", "Lora/mochi.safetensors"], ids=["ours older", "theirs older"])
def test_a_preview_shows_its_own_file_where_another_of_its_name_is_in_memory(sd_model, host, tables, tmp_path, older):
    from modules import shared

    shared.opts.data["lora_in_memory_limit"] = 4
    mine = written(tmp_path / "mochi.safetensors", host, 0.02)
    theirs = written(tmp_path / "Lora" / "mochi.safetensors", host, 0.05)
    os.utime(tmp_path / older, (1, 1))  # what is in memory and not older than a file is taken for the file's
    with borrowed(host) as model:
        alone = next(iter(host.render(model, [picture_request(network=mine)])))[0].tobytes()
    tables.load_networks(["mochi"])
    before = state_of(tables)
    with borrowed(host) as model:
        beside = next(iter(host.render(model, [picture_request(network=mine)])))[0].tobytes()
    assert beside == alone
    assert state_of(tables) == before
    tables.load_networks(["mochi"])  # a person's prompt afterwards
    up = next(iter(tables._files["mochi"].values()))["lora_up.weight"]
    assert (float(up.flatten()[0]), tables.available_networks["mochi"].filename) == (pytest.approx(0.05), str(theirs))  # type: ignore[comparison-overlap]


@pytest.mark.parametrize("how", ["deleted", "renamed", "its folder is gone"])
def test_an_offered_file_is_forgotten_when_it_is_gone(sd_model, host, tables, tmp_path, how):
    file = written(tmp_path / "there" / "mochi.safetensors", host, 0.02)
    host.offer_lora(file)
    host.forget_missing_loras()
    tables.load_networks(["mochi"])
    assert tables.loaded_networks == [("mochi", 1.0)]
    assert {name: len(table) for name, table in state_of(tables).items()} == dict.fromkeys(TABLES, 1)
    if how == "deleted":
        file.unlink()
    elif how == "renamed":
        file.rename(file.with_stem("other"))
    else:
        shutil.rmtree(file.parent)
    host.forget_missing_loras()
    assert state_of(tables) == {name: {} for name in TABLES}
    tables.load_networks(["mochi"])  # no error
    assert tables.loaded_networks == []


def test_an_offered_file_is_forgotten_by_the_hash_too_that_was_computed_later(sd_model, host, tables, tmp_path):
    file = written(tmp_path / "mochi.safetensors", host, 0.02, with_hash=False)
    host.offer_lora(file)
    entry = tables.available_networks["mochi"]
    assert tables.available_network_hash_lookup == {}
    entry.read_hash()  # for the infotext of a picture that wears it
    assert list(tables.available_network_hash_lookup.values()) == [entry]
    file.unlink()
    host.forget_missing_loras()
    assert state_of(tables) == {name: {} for name in TABLES}


def test_an_installed_file_is_found_again_when_the_offered_one_of_its_name_is_gone(sd_model, host, tables, tmp_path):
    file = written(tmp_path / "mochi.safetensors", host, 0.02)
    shutil.copy(file, tmp_path / "Lora")
    tables.list_available_networks()
    before = state_of(tables)
    host.offer_lora(file)
    assert tables.available_networks["mochi"].filename == str(file)
    file.unlink()
    host.forget_missing_loras()
    assert state_of(tables) == before


def test_what_an_offer_hid_stays_away_when_it_is_gone_too(sd_model, host, tables, tmp_path):
    file = written(tmp_path / "mochi.safetensors", host, 0.02)
    installed = shutil.copy(file, tmp_path / "Lora")
    tables.list_available_networks()
    host.offer_lora(file)
    for path in (file, installed):
        os.remove(path)
    host.forget_missing_loras()
    assert state_of(tables) == {name: {} for name in TABLES}


def test_a_file_that_is_offered_twice_is_forgotten_as_one(sd_model, host, tables, tmp_path):
    file = written(tmp_path / "mochi.safetensors", host, 0.02)
    for _ in range(2):
        host.offer_lora(file)
    file.unlink()
    host.forget_missing_loras()
    assert state_of(tables) == {name: {} for name in TABLES}


def test_of_two_offered_files_of_one_name_none_stays_when_both_are_gone(sd_model, host, tables, tmp_path):
    files = [written(tmp_path / version / "mochi.safetensors", host, 0.02) for version in ("v1", "v2")]
    for file in files:
        host.offer_lora(file)
    assert tables.available_networks["mochi"].filename == str(files[1])
    for file in reversed(files):
        file.unlink()
        host.forget_missing_loras()
    assert state_of(tables) == {name: {} for name in TABLES}


def test_what_the_webui_listed_meanwhile_stays(sd_model, host, tables, tmp_path):
    file = written(tmp_path / "mochi.safetensors", host, 0.02)
    host.offer_lora(file)
    shutil.move(file, tmp_path / "Lora")
    tables.list_available_networks()  # Refresh on the Lora page
    before = state_of(tables)
    host.forget_missing_loras()
    assert state_of(tables) == before
    assert list(before["available_networks"]) == ["mochi"]


def test_every_name_of_a_file_means_the_layer_that_it_was_trained_on(any_model, host, tables):
    """By the WebUI's own rules, on the layers of its own classes."""
    from network_names import layer_of

    with borrowed(host) as model:
        targets = targets_of(model.family, model.unet, model.text_encoders, parts=PARTS)
    layers = any_model.network_layer_mapping
    found = {target.name: layer_of(target.name, layers) for target in targets}
    # an attention's output projection is a layer inside of ours
    inside = {target.name: [target.module, getattr(target.module, "out_proj", None)] for target in targets}
    strangers = [name for name, (_, layer) in found.items() if not any(layer is one for one in inside[name])]
    assert not strangers
    assert len({name for name, _ in found.values()}) == len(targets) > 200


def test_a_file_s_pictures_need_all_of_an_attention_and_none_that_is_not_there(
    adapter, checkpoints, host, tables, tmp_path
):
    """SD2: without its output projection the WebUI leaves a whole attention out; unknown layers are passed over."""
    load(checkpoints, "sd2")
    with borrowed(host) as model:
        whole = network_of(model, ("text_encoder",)).tensors()
    files = {
        "whole": whole,
        "none": {},
        "no_out": {key: tensor for key, tensor in whole.items() if "out_proj" not in key and "mlp" not in key},
        "more": {**whole, "lora_unet_nowhere.lora_up.weight": torch.zeros(2, 2)},
    }
    drawn = {}
    for name, tensors in files.items():
        write_network(tmp_path / f"{name}.safetensors", tensors or {"x.alpha": torch.ones(())}, {}, "float")
        with borrowed(host) as model:
            request = picture_request(network=tmp_path / f"{name}.safetensors")
            drawn[name] = next(iter(host.render(model, [request])))[0].tobytes()
    assert drawn["whole"] == drawn["more"] != drawn["no_out"] == drawn["none"]
