"""Previews as txt2img is set: what comes from there, and that a run goes by one request from begin to end."""

from dataclasses import replace

import pytest
from PIL import Image

from lib_train.config.preview import PreviewConfig
from lib_train.config.run import RunConfig
from lib_train.errors import ConfigError
from lib_train.host.standalone.host import StandaloneHost
from lib_train.jobs.liking import as_txt2img, txt2img_of
from lib_train.txt2img import Txt2img
from tests.fakes import FakeHost

MADE = Txt2img("one", 0.0, "a dog <lora:p-v1-r001:0.8>", "hat", "DDIM", 3, 2.5, 64, 128, 2)


def liked(**preview):
    found = as_txt2img(RunConfig(preview=PreviewConfig(**preview)), MADE, "p-v1-")
    taken = found.preview
    return {
        "prompts": taken.preview_prompts, "negative": taken.preview_negative_prompt, "seeds": taken.preview_seeds,
        "sampler": taken.preview_sampler, "steps": taken.preview_steps, "cfg": taken.preview_cfg_scale,
        "sizes": taken.sizes((512, 512)), "weights": taken.preview_weights, "clip": found.training.clip_skip,
    }  # fmt: skip


def test_all_but_checkpoints_weights_and_seeds_is_txt2img_s():
    assert liked(preview_seeds=(4, 5), preview_weights=(0.5,)) == {
        "prompts": ("a dog",), "negative": "hat", "seeds": (4, 5), "sampler": ("DDIM",), "steps": (3,), "cfg": (2.5,),
        "sizes": [(64, 128)], "weights": (0.5,), "clip": 2,
    }  # fmt: skip


def test_prompts_of_the_settings_and_whatever_has_several_values_stay():
    found = liked(preview_prompts=("a cat", "a cow"), preview_negative_prompt="rain", preview_steps=(4, 8),
                  preview_sampler=("Euler", "LCM"), preview_width=(64, 128), preview_height=(64, 64))  # fmt: skip
    assert found["prompts"] == ("a cat", "a cow")
    assert found["negative"] == "rain"
    assert (found["steps"], found["sampler"], found["cfg"]) == ((4, 8), ("Euler", "LCM"), (2.5,))
    assert found["sizes"] == [(64, 64), (128, 64)]


def test_without_the_setting_nothing_is_taken_and_nobody_asked(tmp_path):
    config = RunConfig()
    assert as_txt2img(config, txt2img_of(FakeHost(tmp_path), config), "p-v1-") is config


def test_the_standalone_host_refuses_it_with_the_way_out(tmp_path, config):
    liking = replace(config, preview=replace(config.preview, preview_like_txt2img=True))
    with pytest.raises(ConfigError, match="preview_like_txt2img = True: there is no txt2img of a WebUI here; switch"):
        txt2img_of(StandaloneHost(device="cpu"), liking)


def with_likes(config, **preview):
    return replace(
        config, preview=replace(config.preview, preview_like_txt2img=True, preview_weights=(1.0,), **preview)
    )


def test_a_run_goes_by_the_request_of_its_begin(service, config):
    service.host.made = MADE

    def between(done, total):
        if total == 4:
            service.host.made = MADE._replace(key="two", prompt="a cow", steps=7)
        return True

    service.host.between_steps = between
    outcome = service.train("p", "v1", with_likes(config, preview_every_n_steps=2))
    pictures = sorted(outcome.run.version.inside("previews").glob("*/*.png"))
    assert len(pictures) == 3
    for picture in pictures:
        with Image.open(picture) as opened:
            text = opened.text["parameters"]  # type: ignore[attr-defined]
            assert opened.size == (64, 128)
        assert text.startswith("a dog")
        assert "Steps: 3, Sampler: DDIM, CFG scale: 2.5, Seed: 1" in text


def test_a_run_does_not_begin_without_a_request_and_goes_on_without_previews_after_a_restart(service, config):
    with pytest.raises(ConfigError, match="preview_like_txt2img"):
        service.train("p", "v1", with_likes(config))
    service.host.made = MADE
    service.host.between_steps = lambda done, total: (done, total) != (2, 4)
    assert not service.train("p", "v1", with_likes(config)).finished
    service.host.made, service.host.between_steps = None, lambda done, total: True
    outcome = service.resume("p", "v1")
    assert outcome.finished
    assert not outcome.grids
    assert any(line.startswith("no previews: ") and "preview_like_txt2img" in line for line in service.listener.lines)


def test_another_request_is_another_picture_although_all_plain_values_are_the_same(service, config):
    service.host.made = MADE
    version = service.train("p", "v1", with_likes(config)).run.version
    files = list(version.checkpoints())[-1:]
    count = len(list(version.inside("previews").glob("*/*.png")))
    drawing = with_likes(config)
    service.preview(files, drawing, version, reuses=True)
    assert len(list(version.inside("previews").glob("*/*.png"))) == count
    service.host.made = MADE._replace(key="two")
    service.preview(files, drawing, version, reuses=True)
    assert len(list(version.inside("previews").glob("*/*.png"))) == count + 1
