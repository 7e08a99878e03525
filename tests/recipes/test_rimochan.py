"""Recipe "rimochan" on the command line: five drawings become twenty; a strip of weights, and weights of blocks."""

import shutil
from pathlib import Path

import pytest
from PIL import Image

from lib_train.app.sample import SAMPLES
from tests.recipes.commands import command, flags
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
QUICK = ["--preview_steps", "2", "--preview_seeds", "1", "--device", "cpu"]


def drawn(root, words):
    """The pictures and the sheets that a preview makes."""
    before = {*root.rglob("*.png")}
    command("preview", *words)
    made = {*root.rglob("*.png")} - before
    sheets = {path for path in made if path.name.startswith("grid")}
    return made - sheets, sheets


def test_five_drawings_are_multiplied_trained_and_compared_over_weights_and_blocks(tmp_path):
    folder = tmp_path / "five" / "10_mochi"
    folder.mkdir(parents=True)
    for picture in sorted((SAMPLES / "train" / "10_mochi").glob("*.png"))[:5]:
        for path in (picture, picture.with_suffix(".txt")):
            shutil.copy(path, folder)
    place = ["--project", "mochi", "--output", tmp_path / "out"]
    command("import", tmp_path / "five", *place)
    assert command("crop", *place, "--multiply", "20", "--tagged").startswith("15 made: ")
    command("enlarge", *place, "--take_out")
    trained = Path(
        command("train", *place, "--preset", "rimochan", "--device", "cpu", *flags(CHANGED)).splitlines()[-1]
    )
    assert changed_settings(tmp_path / "out") == set(CHANGED)
    assert PUBLISHED.items() <= metadata_of(trained).items()

    strip = [*place, trained, *QUICK, "--preview_prompts", "mochi, large, black background"]
    pictures, sheets = drawn(tmp_path / "out", strip)
    assert (len(pictures), len(sheets)) == (10, 1)  # weights of 0.1 to 1.0 are the preset's
    [sheet] = sheets
    with Image.open(sheet) as opened:
        assert opened.width > 10 * 100
    poses, places = ("sitting", "standing", "kneeling"), ("outdoors", "indoors")
    prompts = [f"--preview_prompts=mochi, {pose}, {where}" for pose in poses for where in places]
    words = [*place, trained, *QUICK, "--preview_weights", "1", *prompts]
    assert [len(made) for made in drawn(tmp_path / "out", words)] == [6, 6]
    words = [*place, trained, *QUICK, "--preview_weights", "1", "--preview_prompts", "mochi"]
    rows = f"{','.join(['1'] * 17)};{BLOCKS}"
    assert [len(made) for made in drawn(tmp_path / "out", [*words, "--preview_block_weights", rows])] == [2, 1]
    command("blocks", trained, "--to", tmp_path / "other.safetensors", "--weights", BLOCKS)
    assert not is_same(trained, tmp_path / "other.safetensors")
