"""Previews by the WebUI's own generation, on the stand-in of ``tests.fake_webui``."""

import random
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import numpy
import pytest
import torch
from safetensors.torch import save_file

from lib_train.errors import ModelFileError
from tests.host.inputs import picture_request
from tests.host.inside import borrowed
from tests.lora_tools.networks import lora, written

PINNED = ("CLIP_stop_at_last_layers", "sd_model_checkpoint", "fp8_storage")


def drawn(host, **changes):
    """A picture's bytes and its infotext."""
    with borrowed(host) as model:
        picture, text = next(iter(host.render(model, [picture_request(**changes)])))
    return picture.tobytes(), text["parameters"]


@pytest.fixture
def data(adapter):
    """What the WebUI's settings file holds."""
    from modules import shared

    return shared.opts.data


@pytest.fixture
def last_prompt(adapter, monkeypatch, tmp_path):
    """The file in which the WebUI keeps a person's last prompt."""
    from modules import paths

    monkeypatch.setattr(paths, "data_path", str(tmp_path))
    file = tmp_path / "params.txt"
    file.write_text("a prompt that took an hour\nSteps: 20")
    return file


@pytest.mark.parametrize("chosen", [False, True])
def test_a_preview_leaves_a_person_s_last_prompt(sd_model, host, last_prompt, chosen):
    from modules import shared

    shared.cmd_opts.no_prompt_history = chosen
    drawn(host)
    assert last_prompt.read_text() == "a prompt that took an hour\nSteps: 20"
    assert shared.cmd_opts.no_prompt_history is chosen


def test_a_preview_that_fails_lets_the_webui_keep_prompts_again(sd_model, host, monkeypatch):
    from modules import processing, shared

    def fails(p):
        raise ZeroDivisionError

    monkeypatch.setattr(processing, "process_images", fails)
    with pytest.raises(ZeroDivisionError):
        drawn(host)
    assert shared.cmd_opts.no_prompt_history is False


def test_a_file_that_the_webui_cannot_load_is_told_and_not_drawn_without(sd_model, host, tmp_path):
    layer, file = "lora_unet_down_blocks_0_attentions_0_proj_in", tmp_path / "glora.safetensors"
    save_file({f"{layer}.{part}.weight": torch.zeros(2, 2) for part in ("a1", "a2", "b1", "b2")}, file)
    plain = drawn(host)
    with pytest.raises(ModelFileError, match="glora.safetensors: the WebUI cannot load this file and draws without it"):
        drawn(host, network=file, weight=1)
    assert drawn(host) == plain


@pytest.mark.parametrize(("failed", "told"), [(2, True), (1, False)])
def test_a_file_of_which_no_layer_fits_is_told_too(sd_model, host, tmp_path, monkeypatch, failed, told):
    """The WebUI counts layers on which it could not put a file, and draws without them."""
    import networks
    from modules import processing

    file = written(tmp_path / "odd one.safetensors", lora(shapes={"lora_unet_odd": (8, 8)}))
    draws = processing.process_images

    def with_errors(p):
        found = draws(p)
        networks.loaded_networks[:] = [SimpleNamespace(name=file.stem, modules={"a": 1, "b": 2})]
        p.comments = {f"Networks with errors: other (9), {file.stem} ({failed})": 1}
        return found

    monkeypatch.setattr(processing, "process_images", with_errors)
    with pytest.raises(ModelFileError, match="odd one.safetensors: the WebUI cannot load") if told else nullcontext():
        drawn(host, network=file, weight=1)


@pytest.mark.parametrize("theirs", [None, 1, 2])
def test_clip_skip_of_a_preview_is_its_own_and_the_person_s_stays(sd_model, host, data, theirs):
    plain, skipping = drawn(host, clip_skip=1), drawn(host, clip_skip=2)
    assert plain[0] != skipping[0]
    assert ("Clip skip" in plain[1], "Clip skip: 2" in skipping[1]) == (False, True)
    if theirs is not None:
        data["CLIP_stop_at_last_layers"] = theirs
    before = dict(data)
    assert [drawn(host, clip_skip=1), drawn(host, clip_skip=2)] == [plain, skipping]
    assert data == before


def test_a_preview_pins_checkpoint_and_format_and_gives_the_person_s_choice_back(sd_model, host, data, monkeypatch):
    """The WebUI loads what its settings name before it draws: a choice that is not carried out yet waits."""
    from modules import devices, processing

    options, drawing = [], processing.process_images
    monkeypatch.setattr(processing, "process_images", lambda p: options.append(dict(data)) or drawing(p))
    data.update(sd_model_checkpoint="other.safetensors", kept="as it is")
    before = dict(data)
    for fp8, pinned_fp8 in ((False, "Disable"), (True, "Enable")):
        monkeypatch.setattr(devices, "fp8", fp8)
        drawn(host, clip_skip=2)
        pinned = dict(zip(PINNED, (2, sd_model.sd_checkpoint_info.title, pinned_fp8), strict=True))
        assert options.pop() == {**before, **pinned}
        assert data == before


def states_of_chance():
    """Of Python, NumPy and torch."""
    legacy: Any = numpy.random.get_state()
    return random.getstate(), legacy[1].tobytes(), torch.get_rng_state().numpy().tobytes()


def test_a_preview_leaves_every_stream_of_chance(sd_model, host, monkeypatch):
    from modules import processing

    drawing = processing.process_images

    def reseeding(p):
        random.seed(p.seed)
        numpy.random.seed(p.seed)
        return drawing(p)

    monkeypatch.setattr(processing, "process_images", reseeding)
    random.seed(11)
    numpy.random.seed(11)
    torch.manual_seed(11)
    before = states_of_chance()
    drawn(host)
    after = states_of_chance()
    assert before == after


def test_a_preview_leaves_the_progress_of_its_run(sd_model, host, monkeypatch):
    from modules import processing, shared

    drawing, cleared = processing.process_images, []

    def counting(p):
        assert shared.state.job_count == 1  # 0 would be divided by
        state = shared.state
        state.job, state.job_no, state.job_count, state.textinfo = "scripts_txt2img", 7, 8, "about it"
        state.sampling_step, state.sampling_steps, state.current_latent = 3, 4, torch.zeros(1)
        return drawing(p)

    monkeypatch.setattr(processing, "process_images", counting)
    monkeypatch.setattr(shared.total_tqdm, "clear", lambda: cleared.append(True))
    with borrowed(host) as model:
        names = ("job", "job_no", "job_count", "sampling_step", "sampling_steps", "textinfo", "current_latent")
        before = [getattr(shared.state, name) for name in names]
        next(iter(host.render(model, [picture_request()])))
        assert [getattr(shared.state, name) for name in names] == before
    assert cleared


def test_samplers_of_the_webui_are_taken_with_their_schedule(sd_model, host, monkeypatch):
    from modules import processing

    drawn_with, drawing = [], processing.process_images
    monkeypatch.setattr(
        processing, "process_images", lambda p: drawn_with.append((p.sampler_name, p.scheduler)) or drawing(p)
    )
    assert host.samplers() == ["Euler", "Euler Karras", "Euler a", "Euler a Karras"]
    for name in ("Euler a", "Euler a Karras"):
        drawn(host, sampler=name)
    for name in ("Euler a", "Euler a Karras"):
        drawn(host, sampler=name, scheduler="Automatic")
    drawn(host, sampler="Euler", scheduler="Karras")
    assert drawn_with == [("Euler a", "Automatic"), ("Euler a", "Karras"), ("Euler a", "Automatic"),
                          ("Euler a", "Automatic"), ("Euler", "Karras")]  # fmt: skip
    assert host.schedulers("Euler") == ["Automatic", "Karras"]
