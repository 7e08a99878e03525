"""Recipe "rimochan" on the command line: five drawings become twenty; a strip of weights, and weights of blocks."""

import json
import shutil
from pathlib import Path

import pytest

from lib_train.app.sample import SAMPLES
from tests.recipes.commands import command, flags, installed, last_checkpoint
from tests.recipes.following import changed_settings, is_same, metadata_of

pytestmark = pytest.mark.recipes
BLOCKS = "1,1,1,1,1,0.8,0.2,1,1,1,1,1,1,1,1,1,1"
"""As published, against a bias towards its backgrounds."""
CHANGED = {"max_train_steps": "6"}  # of 1000: what is looked at here is the way, not the likeness
PUBLISHED = {
    "ss_network_dim": "10", "ss_network_alpha": "2.0", "ss_batch_size_per_device": "2",
    "ss_optimizer": "lion_pytorch.lion_pytorch.Lion", "ss_text_encoder_lr": "2e-05", "ss_unet_lr": "5e-05",
    "ss_lr_scheduler": "cosine_with_restarts", "ss_num_train_images": "200",
}  # fmt: skip
POSES, PLACES = ("sitting", "standing", "kneeling"), ("outdoors", "indoors")
QUICK = {"preview_prompts": "mochi, sitting, outdoors", "preview_steps": "2", "preview_seeds": "1"}
"""The preset's sheets put other poses and places into the prompt."""


def requests_in(sheet):
    """What each cell of a sheet with one page was asked for, in rows."""
    [page] = sheet["sheets"]
    return [[cell["request"] for cell in row] for row in page["cells"]]


def test_five_drawings_are_multiplied_trained_and_compared_over_weights_and_blocks(tmp_path, tab):
    folder = tmp_path / "five" / "10_mochi"
    folder.mkdir(parents=True)
    for picture in sorted((SAMPLES / "train" / "10_mochi").glob("*.png"))[:5]:
        for path in (picture, picture.with_suffix(".txt")):
            shutil.copy(path, folder)
    place = ["--project", "mochi", "--output", tmp_path / "out"]
    command("import", tmp_path / "five", *place)
    assert command("crop", *place, "--multiply", "20", "--tagged").startswith("15 made: ")
    command("enlarge", *place, "--take_out")
    trained = last_checkpoint(
        command("train", *place, "--preset", "rimochan", "--device", "cpu", *flags({**CHANGED, **QUICK}))
    )
    assert changed_settings(tmp_path / "out") == set(CHANGED)
    assert PUBLISHED.items() <= metadata_of(trained).items()

    sheets = (tmp_path / "out/mochi/versions/v1/previews").rglob("sheet*.json")
    poses, strip, blocks = map(requests_in, (json.loads(path.read_text()) for path in sorted(sheets)))
    assert [[cell["prompt"] for cell in row] for row in poses] == [
        [f"mochi, {pose}, {where}" for where in PLACES] for pose in POSES
    ]
    assert [[cell["weight"] for cell in row] for row in strip] == [[pytest.approx(n / 10) for n in range(1, 11)]]
    assert [[cell["blocks"] for cell in row] for row in blocks] == [[""], [BLOCKS]]
    assert {cell["checkpoint"] for cell in (*strip[0], *poses[0], *blocks[1])} == {trained.stem}

    clothes = [*place, trained, "--rows", 'prompt:mochi,"mochi, red hat"', "--columns", "weight:0.5,1"]
    quick = [*clothes, "--preview_steps", "2", "--device", "cpu"]
    assert command("sheet", *quick, "--dry_run").startswith("4 pictures, 0 of them there already")
    made = command("sheet", *quick).splitlines()
    assert [Path(line).suffix for line in made[-3:]] == [".png", ".html", ".json"]
    assert command("sheet", *quick, "--dry_run").startswith("4 pictures, 4 of them there already")
    command("blocks", trained, "--to", tmp_path / "other.safetensors", "--weights", BLOCKS)
    assert not is_same(trained, tmp_path / "other.safetensors")
    assert installed(tab, "mochi", trained).read_bytes() == trained.read_bytes()
