"""Runs with networks in the background: base_weights."""

import json
import shutil
from dataclasses import replace

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from lib_train.checkpoints.files import read_metadata
from lib_train.errors import ConfigError, ModelFileError, RunChanged
from lib_train.jobs.given import given_for
from lib_train.pictures.scan import scan
from lib_train.training.assemble import assemble
from lib_train.training.events import StepDone
from tests.fake_model import FakeModel
from tests.jobs.stopping import weights
from tests.jobs.test_given import QUERY, TEXT, set_to

NAMES = [
    *(f"lora_unet_down_blocks_0_attentions_0_{end}" for end in ("proj_in", "to_q", "to_k", "to_v")),
    "lora_unet_down_blocks_0_resnets_0_conv1",
    TEXT,
]


@pytest.fixture
def files(tmp_path):
    """Two files of rank 3 with alpha 6, of all layers."""
    chance, found = torch.Generator().manual_seed(0), []
    for name in ("one", "two"):
        tensors = {}
        for layer in NAMES:
            kernel = (3, 3) if layer.endswith("conv1") else ()
            ones = (1, 1) if kernel else ()
            tensors[f"{layer}.lora_down.weight"] = torch.randn(3, 8, *kernel, generator=chance) * 0.2
            tensors[f"{layer}.lora_up.weight"] = torch.randn(8, 3, *ones, generator=chance) * 0.2
            tensors[f"{layer}.alpha"] = torch.tensor(6.0)
        found.append(tmp_path / f"{name}.safetensors")
        save_file(tensors, found[-1])
    return [str(path) for path in found]


@torch.no_grad()
def merged_model(files, strengths):
    """The fake model with the dense updates in its weights: W + m alpha / R up down."""
    model = FakeModel()
    level = model.unet.down_blocks[0]
    attention, text = level.attentions[0], model.text_encoders[0].encoder["layers"][0]
    layers = [
        attention.proj_in,
        attention.to_q,
        attention.to_k,
        attention.to_v,
        level.resnets[0].conv1,
        text.mlp["fc1"],
    ]
    for file, strength in zip(files, strengths, strict=True):
        found = load_file(file)
        for name, layer in zip(NAMES, layers, strict=True):
            down, up = (found[f"{name}.lora_{end}.weight"].double().flatten(1) for end in ("down", "up"))
            layer.weight += (strength * 2 * up @ down).view(layer.weight.shape)
    return model


def losses_of(assembly):
    for _ in assembly.prepare():
        pass
    return [event.loss for event in assembly.trainer.events() if isinstance(event, StepDone)]


@pytest.mark.parametrize("text", [None, 0.0], ids=["text encoder trained", "captions encoded once"])
def test_training_is_that_on_a_model_with_the_files_merged_into_it(service, config, files, text):
    training = {"text_encoder_lr": text, "learning_rate": 1e-2}
    plain = set_to(config, training=training)
    going = set_to(plain, base_weights=tuple(files), base_weights_multiplier=(0.5,))
    model, found = FakeModel(), scan(config.dataset)
    assembly = assemble(going, found, model, None, given=given_for(going, "sd1", None))
    wanted = assemble(plain, found, merged_model(files, (0.5, 1.0)), None)
    before = [dict(module.__dict__) for module in model.unet.modules()]
    assert losses_of(assembly) == pytest.approx(losses_of(wanted), rel=1e-5)
    assert [dict(module.__dict__) for module in model.unet.modules()] == before
    ours, theirs = assembly.network.tensors(), wanted.network.tensors()
    assert ours.keys() == theirs.keys()
    for name, tensor in theirs.items():
        torch.testing.assert_close(ours[name], tensor, rtol=1e-2, atol=1e-5)
    assert losses_of(assemble(plain, found, FakeModel(), None)) != pytest.approx(losses_of(wanted), rel=1e-5)


def test_saved_file_has_nothing_of_the_background_but_its_name(service, config, files):
    going = set_to(config, base_weights=tuple(files), base_weights_multiplier=(0.5,))
    file = service.train("p", "v1", going).checkpoints[-1]
    assert {t.shape[0] for key, t in load_file(file).items() if key.endswith("lora_down.weight")} == {2}
    assert json.loads(read_metadata(file)["ss_base_weights"]) == {"one.safetensors": 0.5, "two.safetensors": 1.0}
    notes = service.plan(going).notes
    assert "in the background at strength 0.5: one.safetensors, LoCon of rank 3 with alpha 6" in notes
    assert "in the background at strength 1: two.safetensors, LoCon of rank 3 with alpha 6" in notes
    more = service.plan(going).memory_bytes - service.plan(config).memory_bytes
    assert more == 2 * 4 * sum(t.numel() for key, t in load_file(files[0]).items() if "alpha" not in key)


def test_previews_of_the_run_have_the_background(service, config, files):
    preview = replace(config.preview, preview_prompts=("a cat",), preview_weights=(0.0, 1.0), preview_seeds=(3,))
    pictures: dict[str, list[tuple[str, bytes]]] = {}
    for name, background in (("v1", ()), ("v2", tuple(files))):
        going = replace(set_to(config, base_weights=background), preview=preview)
        run = service.train("p", name, going).run
        folder = run.version.folder / "previews"
        base, worn = next(folder.rglob("base-*.png")), next(folder.rglob(f"{run.checkpoints()[-1].stem}-p*.png"))
        for path in (base, worn):
            with Image.open(path) as picture:
                told = picture.info["parameters"].partition("\n")[0]
                pictures.setdefault(name, []).append((told, picture.tobytes()))
    assert pictures["v1"][0][1] != pictures["v2"][0][1]
    told = [told for told, _ in pictures["v2"]]
    assert told == ["a cat <lora:one:1> <lora:two:1>", "a cat <lora:one:1> <lora:two:1> <lora:p-v2-r001:1>"]


def stopped(service, config):
    service.host.between_steps = lambda done, total: (done, total) != (2, 4)
    outcome = service.train("p", "v1", config)
    service.host.between_steps = lambda done, total: True
    assert not outcome.finished
    return outcome.run


def test_resumed_run_is_the_same_to_the_bit_wherever_the_files_lie(service, config, files, tmp_path):
    going = set_to(config, base_weights=tuple(files), training={"learning_rate": 1e-2})
    whole = weights(service.train("p", "v0", going).run)
    run = stopped(service, going)
    moved = tmp_path / "moved.safetensors"
    shutil.move(files[1], moved)
    with pytest.raises(ModelFileError, match="two.safetensors: cannot be read"):
        service.resume("p", "v1")
    assert service.resume("p", "v1", places={"base_weights": [files[0], str(moved)]}).finished
    assert weights(run) == whole


def test_other_contents_in_the_background_are_a_change(service, config, files):
    run = stopped(service, set_to(config, base_weights=tuple(files)))
    shutil.copy(files[0], files[1])
    with pytest.raises(RunChanged) as refused:
        service.resume("p", "v1")
    (change,) = refused.value.changes
    assert change.startswith("base_weights: one.safetensors (content ")
    assert service.resume("p", "v1", with_changes=True).run.name == run.name


def test_files_that_cannot_be_in_the_background_are_named_before_training(service, config, files, tmp_path):
    broken = tmp_path / "broken.safetensors"
    save_file({f"{QUERY}.lora_{end}.weight": torch.full((2, 2), torch.nan) for end in ("up", "down")}, broken)
    (tmp_path / "more").mkdir()
    again = str(shutil.copy(files[0], tmp_path / "more" / "one.safetensors"))
    going = set_to(config, base_weights=(str(tmp_path / "none.safetensors"), str(broken), files[0], again))
    told = [(one.setting, one.value, one.remedy) for one in service.plan(going).problems]
    assert [setting for setting, _, _ in told] == ["base_weights"] * 4
    assert "there is no such file" in told[0][2]
    assert "hold NaN or infinity" in told[1][2]
    assert [remedy.partition(":")[0] for _, _, remedy in told[2:]] == [
        "another file in it has the same name, by which the WebUI calls them"
    ] * 2
    with pytest.raises(ConfigError, match="base_weights"):
        service.train("p", "v1", going)
    with pytest.raises(
        ConfigError, match="base_weights_multiplier = .* has more numbers than base_weights has files .1."
    ):
        set_to(config, base_weights=(files[0],), base_weights_multiplier=(1.0, 0.5))
