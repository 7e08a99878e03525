"""Previews as txt2img is set, on the stand-in of ``tests.fake_webui``."""

from types import SimpleNamespace

import pytest

from lib_train.errors import ConfigError
from tests.host.inputs import picture_request
from tests.host.inside import borrowed

ARGS = (0, "Euler", "Karras", 3, 77)


@pytest.fixture
def txt2img(sd_model, monkeypatch):
    """Presses Generate; gives the picture's pixels and its size."""
    from modules import processing, scripts

    from lib_train.host.webui.script import TrainToolsScript

    monkeypatch.setattr(scripts, "scripts_txt2img", scripts.ScriptRunner(scripts.Sampling(), TrainToolsScript()))

    def generate(args=ARGS, own=True, **fields):
        p = processing.StableDiffusionProcessingTxt2Img(
            prompt="a cat", negative_prompt="", seed=-1, sampler_name="Euler", steps=50, cfg_scale=4.0, width=64,
            height=128, batch_size=2, n_iter=3, do_not_save_samples=False, do_not_save_grid=False,
            do_not_reload_embeddings=False,
        )  # fmt: skip
        for name, value in fields.items():
            setattr(p, name, value)
        p.scripts = scripts.scripts_txt2img if own else scripts.ScriptRunner(*scripts.scripts_txt2img.always)
        p.script_args = args
        picture = processing.process_images(p).images[0]
        return picture.tobytes(), picture.size

    return generate


def drawn(host, **changes):
    with borrowed(host) as model:
        picture, text = next(iter(host.render(model, [picture_request(**changes)])))
    return (picture.tobytes(), picture.size), text["parameters"]


def as_made(told, **changes):
    return {"prompt": told.prompt, "negative_prompt": told.negative_prompt, "sampler": told.sampler, "seed": 77,
            "steps": told.steps, "cfg_scale": told.cfg_scale, "width": told.width, "height": told.height,
            "clip_skip": told.clip_skip, "like": told.key, **changes}  # fmt: skip


def test_a_picture_like_txt2img_is_the_one_that_it_made(host, txt2img):
    shown = txt2img(styles=["small", "blue"], enable_hr=True, hr_scale=1.5,
                    override_settings={"CLIP_stop_at_last_layers": 2})  # fmt: skip
    told = host.txt2img()
    assert told[2:10] == ("a cat", "", "Euler Karras", 3, 4.0, 64, 128, 2)
    assert (told.styles, told.hires) == (("small", "blue"), 1.5)
    assert shown[1] == (96, 192)
    again, text = drawn(host, **as_made(told))
    assert "a cat, small, blue" in text
    assert again[1] == shown[1]
    assert again != drawn(host, **as_made(told, seed=78))[0]  # what the request says itself counts
    assert drawn(host, **as_made(told, like=""))[0][1] == (64, 128)


def test_the_pixels_are_those_of_txt2img(host, txt2img):
    shown = txt2img(styles=["small"], enable_hr=True)
    told = host.txt2img()
    assert drawn(host, **as_made(told, clip_skip=1))[0] == shown


@pytest.mark.parametrize(
    "others",
    [{"is_api": True}, {"txt2img_upscale": True}, {"own": False}, {"args": (2, *ARGS[1:])}, {"train_tools_preview": 1}],
    ids=["API", "upscaling", "another program's scripts", "a script that makes many", "a preview of ours"],
)
def test_what_is_no_request_of_the_page_is_not_remembered(host, txt2img, others):
    txt2img(enable_hr=True)
    before = host.txt2img()
    txt2img(**others)
    assert host.txt2img() == before


def test_previews_are_not_remembered_and_what_they_go_by_stays(host, txt2img):
    txt2img(styles=["small"])
    first = host.txt2img()
    txt2img(styles=["large"])
    second = host.txt2img()
    assert first.key != second.key
    with_first = drawn(host, **as_made(first))[1]
    assert "a cat, small" in with_first
    assert host.txt2img() == second


def test_equal_requests_have_equal_keys(host, txt2img):
    keys = []
    for args in ((*ARGS, SimpleNamespace(strength=1)), (*ARGS, SimpleNamespace(strength=1)),
                 (*ARGS, SimpleNamespace(strength=2))):  # fmt: skip
        txt2img(args=args)
        keys.append(host.txt2img().key)
    assert keys[0] == keys[1] != keys[2]


def test_later_changes_of_what_was_given_do_not_count(host, txt2img):
    styles = ["small"]
    txt2img(styles=styles)
    styles.append("blue")
    assert host.txt2img().styles == ("small",)
    assert "blue" not in drawn(host, **as_made(host.txt2img()))[1]


def test_without_a_picture_or_with_another_checkpoint_in_it_there_is_nothing_to_go_by(host, txt2img):
    with pytest.raises(ConfigError, match="preview_like_txt2img = True: txt2img has made no picture since"):
        host.txt2img()
    for other in ({"enable_hr": True, "hr_checkpoint_name": "other"}, {"refiner_checkpoint": "other"}):
        txt2img(**other)
        with pytest.raises(ConfigError, match="txt2img takes other for a part of the picture"):
            host.txt2img()


def test_a_request_that_was_forgotten_is_an_error(host, txt2img, sd_model):
    txt2img()
    first = host.txt2img()
    for number in range(40):
        txt2img(styles=[f"style {number}"])
    with pytest.raises(ConfigError, match="is not known any more: begin anew"):
        drawn(host, **as_made(first))


def test_the_script_is_always_on_in_txt2img_alone_and_has_no_settings(sd_model):
    from modules import scripts

    from lib_train.host.webui.script import TrainToolsScript

    script = TrainToolsScript()
    assert (script.title(), script.show(False), script.show(True)) == ("Train Tools", scripts.AlwaysVisible, False)
