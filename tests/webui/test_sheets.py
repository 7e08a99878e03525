"""Sheets by axes in the real WebUI: each cell is what txt2img makes of the same prompt with the saved file."""

import base64
import io
import json

import pytest
from PIL import Image

from lib_train.config.presets import PRESETS
from tests.webui.test_block_weights import baked
from tests.webui.test_families import loaded  # noqa: F401
from tests.webui.test_real_webui import SETTINGS, before, reload_ui, require_untouched  # noqa: F401

pytestmark = pytest.mark.webui
PROMPT = "mochi, sitting, outdoors"
LINES = PRESETS["rimochan"].settings["preview_sheets"]
QUICK = {**SETTINGS, "preset": "rimochan", "preview_prompts": PROMPT, "preview_seeds": "1", "preview_weights": "1",
         "preview_sampler": "Euler a", "preview_sheets": list(LINES)}  # fmt: skip


def pixels(path):
    with Image.open(path) as opened:
        return opened.convert("RGB").tobytes()


@pytest.fixture(scope="module")
def sheets(webui, before):  # noqa: F811
    """The JSON of each of the preset's sheets, made when a training ended: published grids, in their order."""
    webui.train("rimo", QUICK)
    seen = webui.wait("rimo")
    assert seen["phase"] == "finished", seen
    file = webui.checkpoints("rimo")[0].name
    installed = webui.ask(f"train-tools/v1/projects/rimo/versions/v1/checkpoints/{file}/install", {})
    assert "error" not in installed, installed
    found = sorted((webui.root / "rimo" / "versions" / "v1" / "previews").glob("sheet-*.json"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in found]


def cells(told):
    return [cell for sheet in told["sheets"] for row in sheet["cells"] for cell in row]


def test_the_presets_published_grids_are_txt2imgs_pictures_to_the_pixel(webui, sheets, before):  # noqa: F811
    assert len(sheets) == len(LINES) == 3
    folder, name = webui.root / "rimo" / "versions" / "v1" / "previews", webui.checkpoints("rimo")[0].stem
    shapes = [[len(told[side]["values"]) for side in ("rows", "columns")] for told in sheets]
    assert shapes == [[3, 2], [0, 10], [2, 0]]
    for told in sheets[:2]:
        for cell in cells(told):
            request = cell["request"]
            shown = webui.picture(f"<lora:{name}:{request['weight']:g}>{request['prompt']}", seed=1)
            assert pixels(folder / cell["file"]) == shown.tobytes(), cell
    assert [cell["request"]["prompt"] for cell in cells(sheets[0])] == [
        f"mochi, {pose}, {place}" for pose in ("sitting", "standing", "kneeling") for place in ("outdoors", "indoors")
    ]
    plain, mended = cells(sheets[2])
    weights = mended["request"]["blocks"]
    assert len(weights.split(",")) == 17
    shown = webui.picture(f"<lora:{name}:1>{PROMPT}", seed=1)
    assert pixels(folder / plain["file"]) == shown.tobytes()
    file = baked(webui, "rimo", f"{name}.safetensors", weights)
    assert pixels(folder / mended["file"]) == webui.picture(f"<lora:{file}:1>{PROMPT}", seed=1).tobytes()
    assert pixels(folder / mended["file"]) != shown.tobytes()
    require_untouched(webui, before)


def test_schedule_and_second_lora_are_txt2imgs_too(webui, sheets, before):  # noqa: F811
    name = webui.checkpoints("rimo")[0].stem
    wish = {"rows": "scheduler:Automatic,Karras", "columns": f"lora:none,{name}:0.6", "settings": QUICK}
    there = "train-tools/v1/projects/rimo/versions/v1/sheets"
    assert webui.ask(there, {**wish, "dry_run": True})["missing"] == 4
    found = webui.ask(there, wish)
    assert "error" not in found, found
    assert webui.wait("rimo")["phase"] == "finished"
    newest = webui.ask(there)["sheets"][0]["name"]
    told = webui.ask(f"{there}/{newest}/file?kind=json")
    for cell in cells(told):
        request = cell["request"]
        more = "".join(f"<lora:{stem}:{weight:g}>" for stem, weight in request["others"])
        shown = webui.picture(f"<lora:{name}:1>{more}{PROMPT}", seed=1, scheduler=request["scheduler"])
        path = webui.root / "rimo" / "versions" / "v1" / "previews" / cell["file"]
        assert pixels(path) == shown.tobytes(), cell
    require_untouched(webui, before)


def grid_of(webui, values):
    """Pictures of X/Y/Z plot over our axis, the grid left out."""
    info = webui.ask("sdapi/v1/script-info")
    script = next(one for one in info if one["name"] == "x/y/z plot" and not one["is_img2img"])
    place = script["args"][0]["choices"].index("Train Tools checkpoint")
    args = [place, values, [], 0, "", [], 0, "", [], False, True, False, False, False, False, False, 0, True]
    body = {"prompt": PROMPT, "seed": 1, "steps": 8, "cfg_scale": 5, "width": 128, "height": 128, "save_images": False,
            "sampler_name": "Euler a", "script_name": "x/y/z plot", "script_args": args}  # fmt: skip
    found = webui.ask("sdapi/v1/txt2img", body)
    assert "images" in found, found
    return found["images"][1:]


def decoded(text):
    with Image.open(io.BytesIO(base64.b64decode(text))) as opened:
        return opened.convert("RGB").tobytes()


def test_a_cell_of_x_y_z_plot_is_what_the_lora_gives_also_after_reload_ui(webui, sheets, before):  # noqa: F811
    name = webui.checkpoints("rimo")[0].stem
    values = f"None,rimo/v1/{name},rimo/v1/{name}:0.6"
    for again in range(2):
        drawn = [decoded(one) for one in grid_of(webui, values)]
        wanted = [webui.picture(f"{tag}{PROMPT}", seed=1).tobytes()
                  for tag in ("", f"<lora:{name}:1>", f"<lora:{name}:0.6>")]  # fmt: skip
        assert drawn == wanted
        if not again:
            reload_ui(webui)
    require_untouched(webui, before)
