"""Previews with weights of blocks in the real WebUI: they are what the baked file shows, and leave nothing behind."""

import os
import re
from pathlib import Path

import pytest
from PIL import Image

from tests.webui.conftest import started
from tests.webui.patience import until
from tests.webui.test_families import loaded  # noqa: F401
from tests.webui.test_real_webui import SETTINGS, before, require_untouched  # noqa: F401

pytestmark = pytest.mark.webui
BESIDE = [Path(folder).name for folder in os.environ.get("WEBUI_BESIDE", "").split(os.pathsep) if folder]
WITH_ITS_READER = pytest.mark.skipif(
    "sd-webui-lora-block-weight" not in BESIDE, reason="WEBUI_BESIDE does not name sd-webui-lora-block-weight"
)
PROMPT = "mochi, large, center"
OWN = "0.5,0.25,1,1,0.75,0.5,0,1,1,0.25,1,0.5,1,0.75,0.5,1,1,1,0,1,0.5,0.25,1,1,0.75,0.5"
"""BASE, IN00 to IN11, M00, OUT00 to OUT11; each is a sum of halves, so that no product is rounded."""
OF_17 = "0.5,1,0.25,0.5,1,1,0,1,0.5,0.5,1,0.25,1,1,0.75,0.5,1"
ASKED = {"preview_prompts": PROMPT, "preview_seeds": "7", "preview_weights": "1", "preview_sampler": "Euler a"}
EVERYWHERE = {**SETTINGS, "network_preset": "full", "save_precision": "float", "max_train_steps": "12"}
"""Trains conv_in, conv_out and the time embedding, too."""


def trained(webui, project, **settings):
    """The name of a checkpoint with these settings, trained here once."""
    if not webui.checkpoints(project):
        webui.train(project, {**EVERYWHERE, "preview_after_training": False, **settings})
        seen = webui.wait(project)
        assert seen["phase"] == "finished", seen
    return webui.checkpoints(project)[0].name


def asked_for(project, lists, **settings):
    wanted = {**EVERYWHERE, **ASKED, "preview_block_weights": ";".join(lists), **settings}
    return {"kind": "preview", "project": project, "version": "v1", "settings": wanted}


def drawn(webui, project, lists, **settings):
    """The new picture of each list, at weight 1."""
    earlier = pictures(webui, project)
    found = webui.ask("train-tools/v1/jobs", asked_for(project, lists, **settings))
    assert "error" not in found, found
    seen = webui.wait(project)
    assert seen["phase"] == "finished", seen
    new = pictures(webui, project) - earlier
    marks = [text if re.fullmatch(r"[\w.]+", text) else f"list{place}" for place, text in enumerate(lists, 1)]
    return [next(path for path in new if re.search(rf"-w1-b{re.escape(mark)}(-\d+)?$", path.stem)) for mark in marks]


def pictures(webui, project):
    return set((webui.root / project / "versions" / "v1" / "previews").rglob("*-s7-*.png"))


def baked(webui, project, checkpoint, weights):
    """The stem of a file in the WebUI's LoRA folder, with these weights in it."""
    there = f"train-tools/v1/projects/{project}/versions/v1"
    file = f"{project}/versions/v1/checkpoints/{checkpoint}"
    name = f"{project}-baked-{len(list((webui.data / 'models' / 'Lora').iterdir()))}"
    wish = {"files": [file], "tool_settings": {"weights": weights}, "place": "host", "name": name}
    work = webui.ask(f"{there}/tools/blocks", wish)
    assert "error" not in work or work["error"] is None, work
    until(lambda: webui.ask(f"{there}/works/{work['number']}")["ended"])
    ended = webui.ask(f"{there}/works/{work['number']}")
    assert ended["error"] is None, ended
    return name


def pixels(path):
    with Image.open(path) as opened:
        return opened.convert("RGB").tobytes()


def infotext(path):
    with Image.open(path) as opened:
        return opened.text["parameters"]  # type: ignore[attr-defined]


def left_behind(data):
    """What is made for a while and should be gone, below the whole data folder."""
    return [path for path in data.rglob("*") if path.name.endswith(".partial")]


def test_previews_with_weights_are_pixel_identical_to_txt2img_with_the_baked_file(webui, before):  # noqa: F811
    lists, name = ["ALL", "FACE", "0.5", OWN], trained(webui, "woven")
    found = drawn(webui, "woven", lists)
    assert len({pixels(path) for path in found}) == len(lists), "some weights change nothing"
    for path, weights in zip(found, lists, strict=True):
        shown = webui.picture(f"<lora:{baked(webui, 'woven', name, weights)}:1>{PROMPT}", seed=7)
        assert pixels(path) == shown.tobytes(), weights
    assert left_behind(webui.data) == []
    require_untouched(webui, before)


@pytest.mark.parametrize(
    "settings",
    [{"dora_wd": True}, {"network_type": "loha", "learning_rate": "5e-2"}, {"network_type": "lokr"}],
    ids=lambda settings: "-".join(map(str, settings.values())),
)
def test_previews_of_other_kinds_are_those_of_the_baked_file_too(webui, before, settings):  # noqa: F811
    project = "woven-" + "".join(filter(str.isalnum, str(settings)))[:12]
    name = trained(webui, project, **settings)
    (path,) = drawn(webui, project, [OWN])
    shown = webui.picture(f"<lora:{baked(webui, project, name, OWN)}:1>{PROMPT}", seed=7)
    assert pixels(path) == shown.tobytes()
    require_untouched(webui, before)


def test_a_file_that_cannot_be_read_is_told_and_leaves_nothing(webui, before):  # noqa: F811
    trained(webui, "woven")
    whole = webui.checkpoints("woven")[0]
    broken = whole.with_name("woven-v1-r009.safetensors")
    broken.write_bytes(whole.read_bytes()[:-1000])
    try:
        asked = {**asked_for("woven", ["FACE", OWN]), "checkpoints": [whole.name, broken.name]}
        found = webui.ask("train-tools/v1/jobs", asked)
        seen = None if "error" in found else webui.wait("woven")
        error = (found if seen is None else seen)["error"]
        assert broken.name in error["message"], error
        assert left_behind(webui.data) == []
    finally:
        broken.unlink()
    require_untouched(webui, before)


def test_a_webui_killed_while_it_draws_leaves_nothing_after_the_next_previews(tmp_path_factory):
    data = tmp_path_factory.mktemp("killed")
    with started(data) as webui:
        trained(webui, "woven", max_train_steps="4")
        many = ", ".join(str(seed) for seed in range(7, 27))
        found = webui.ask("train-tools/v1/jobs", asked_for("woven", ["FACE", OWN], preview_seeds=many))
        assert "error" not in found, found
        until(lambda: (webui.now()["work_done"] or 0) > 1)
        webui.process.kill()
        webui.process.wait()
    assert left_behind(data), "it was killed too early or too late"
    with started(data) as webui:
        assert [one["kind"] for one in webui.ask("train-tools/v1/jobs")["queue"]["waiting"]] == ["preview"]
        webui.ask("train-tools/v1/jobs/queue/continue", {})
        until(lambda: webui.now()["phase"] == "finished", 300)
        assert len(pictures(webui, "woven")) >= 2
        assert left_behind(data) == []


@WITH_ITS_READER
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"network_type": "loha", "learning_rate": "5e-2"},
        {"network_type": "full", "learning_rate": "1e-3", "network_layers": "re:unet.*_attn[12]_to_[qkv]$"},
    ],
    ids=["lora", "loha", "full, without biases, which it cannot weigh"],
)
def test_the_infotext_draws_the_same_picture_where_its_list_is_read(webui, before, settings):  # noqa: F811
    """Layers before, between and behind the blocks are trained, too."""
    lists = ["ALL", "FACE", "0.5", OWN, OF_17]
    project = f"read-{settings.get('network_type', 'lora')}"
    trained(webui, project, **settings)
    install(webui, project)
    off = []
    for path, weights in zip(drawn(webui, project, lists), lists, strict=True):
        prompt = infotext(path).split("\n")[0]
        assert prompt.startswith(f"<lora:{project}-v1-r001:"), prompt
        if webui.picture(prompt, seed=7).tobytes() != pixels(path):
            off.append(weights)
    assert off == []
    require_untouched(webui, before)


def install(webui, project):
    there = f"train-tools/v1/projects/{project}/versions/v1/checkpoints"
    found = webui.ask(f"{there}/{webui.checkpoints(project)[0].name}/install", {})
    assert "error" not in found, found


@WITH_ITS_READER
def test_the_infotext_of_other_families_is_read_as_it_was_drawn(webui, loaded):  # noqa: F811
    project = f"read-{loaded}"
    trained(webui, project, learning_rate="0.01", max_train_steps="2")
    lists = [OWN, OF_17 if loaded == "sd2" else ",".join(OF_17.split(",")[:12])]
    install(webui, project)
    for path in drawn(webui, project, lists):
        assert webui.picture(infotext(path).split("\n")[0], seed=7).tobytes() == pixels(path)
