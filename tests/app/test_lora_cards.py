"""Cards of LoRA files in the host: what they tell of a checkpoint, and which of them are of checkpoints of ours."""

import json
import shutil

from PIL import Image

from lib_train.previews.grid import save_png
from tests.moves import ended


def trained(session, settings, project="p", version="v1", **more):
    wanted = {**settings, "caption_prefix": "mochi, ", "max_train_steps": 4, "save_every_n_steps": 2, **more}
    session.train(project, version, wanted)
    ended(session)
    return {one["step"]: one for one in session.checkpoints(project, version)}


def card_beside(path):
    return json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))


def test_a_card_tells_the_place_in_the_run_and_the_run_s_own_settings(session, settings):
    found = trained(session, settings, training_comment="of mochi", network_dim=4, learning_rate=1e-3)
    session.kept.keep("p", "v1", {"network_dim": 32})  # the next run's
    card = card_beside(session.install("p", "v1", found[2]["name"]))
    epoch, loss = found[2]["epoch"], found[2]["loss"]
    epochs = found[4]["epoch"]
    assert card["description"] == f"p v1 r001: epoch {epoch} of {epochs}, step 2 of 4, loss {loss:.4f}"
    assert card["activation text"] == "mochi"
    lines = card["notes"].split("\n")
    assert lines[0] == "of mochi"
    assert {"network_dim = 4", "learning_rate = 0.001", "optimizer_type = AdamW"} <= set(lines)
    assert not any(line.startswith("conv_dim") for line in lines)  # not set


def test_a_file_that_no_run_tells_of_has_a_card_all_the_same(session, settings):
    found = trained(session, settings)
    folder = session.checkpoint("p", "v1", found[4]["name"]).parent
    shutil.copy(folder / found[4]["name"], folder / "of another program.safetensors")
    card = card_beside(session.install("p", "v1", "of another program.safetensors"))
    assert card["description"] == "p v1"
    assert card["activation text"] == "mochi"


def picture_beside(path):
    with Image.open(path.with_suffix(".preview.png")) as picture:
        return picture.convert("RGB")


def colours(picture, across, down):
    """Of the middle of each cell, in the order of reading."""
    wide, high = picture.width // across, picture.height // down
    return [picture.getpixel((wide * x + wide // 2, high * y + high // 2)) for y in range(down) for x in range(across)]


def painted(session, name):
    """Gives previews of a checkpoint plain colours, in the order in which they were made; what they tell stays."""
    folder = session.checkpoint("p", "v1", name).parents[1] / "previews" / name.removesuffix(".safetensors")
    found: list[tuple[int, int, int]] = []
    for path in sorted(folder.glob("*.png"), key=lambda path: path.stat().st_mtime_ns):
        with Image.open(path) as picture:
            texts, size = dict(picture.info), picture.size
        found.append((25 * len(found) + 20, 0, 200 - 25 * len(found)))
        save_png(Image.new("RGB", size, found[-1]), texts, path)
    return found


def test_a_card_shows_the_checkpoint_s_row_of_its_newest_sheet_and_nothing_of_other_settings(session, settings):
    preview = {"preview_prompts": "a cat", "preview_weights": "0,0.6,1", "preview_seeds": "1,2"}
    found = trained(session, settings, preview_steps="2", **preview)
    session.preview("p", "v1", [found[2]["name"]], {**settings, **preview, "preview_steps": "1"})
    ended(session)
    drawn = painted(session, found[2]["name"])
    assert len(drawn) == 8  # the base model's, at weight 0, lie elsewhere
    card = session.install("p", "v1", found[2]["name"])
    assert colours(picture_beside(card), 2, 2) == drawn[4:]


def test_a_card_shows_the_newest_sheet_by_axes_where_a_checkpoint_has_one_preview(session, settings):
    found = trained(session, settings, preview_prompts="a cat", preview_weights="1", preview_seeds="1")
    for sides in (("checkpoint", "replace:cat,dog,hat,bird", ""), ("checkpoint", "", "")):
        session.sheets.add("p", "v1", sides)
        ended(session)
    name = found[4]["name"]
    drawn = painted(session, name)  # the single preview is the first of the sheet, too
    assert len(drawn) == 4
    assert colours(picture_beside(session.install("p", "v1", name)), 2, 2) == drawn


def test_installed_files_are_known_by_their_names_wherever_they_lie_in_the_folder(session, settings, tmp_path):
    assert session.installed() == []
    first, second = trained(session, settings), trained(session, settings, version="v2")
    session.install("p", "v1", first[2]["name"])
    there = session.install("p", "v2", second[4]["name"])
    (there.parent / "mine").mkdir()
    shutil.move(there, there.parent / "mine")
    (tmp_path / "loras" / "somebody else's.safetensors").write_bytes(b"x")
    assert sorted(session.installed(), key=lambda one: one["version"]) == [
        {"name": first[2]["name"].removesuffix(".safetensors"), "project": "p", "version": "v1",
         "checkpoint": first[2]["name"]},
        {"name": second[4]["name"].removesuffix(".safetensors"), "project": "p", "version": "v2",
         "checkpoint": second[4]["name"]},
    ]  # fmt: skip
