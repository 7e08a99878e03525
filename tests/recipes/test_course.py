"""The course's way on the command line: enlarged, tagged, bound to a word, trained, compared, on two machines."""

import pytest

from tests.jobs.test_training_run_presets import PUBLISHED
from tests.recipes.commands import command, drawn, flags, installed, last_checkpoint, tags_of
from tests.recipes.drawings import COUNT, REPEATS, drawings
from tests.recipes.following import changed_settings, is_same, metadata_of
from tests.recipes.taggers import wd_tagger

pytestmark = pytest.mark.recipes
CHANGED = {"max_train_steps": "4", "save_every_n_steps": "2"}
"""Of ten epochs of 225 steps, with a file after each: what is looked at here is the way."""
PROMPT = {"preview_prompts": "mochi, smile", "preview_steps": "2", "preview_width": "128", "preview_height": "128"}
FEATURES = ("blue eyes", "hair over one eye")
"""What shall belong to the character."""


def test_course_is_followed_at_home_and_on_a_rented_machine(tmp_path, tab):
    place = ["--project", "mochi", "--output", tmp_path / "out"]
    version = tmp_path / "out/mochi/versions/v1"
    command("import", drawings(tmp_path / "raw"), *place)
    command("doctor", *place, "--preset", "course", "--take_out", "duplicate")
    assert command("enlarge", *place, "--take_out").startswith("1 made: 00-enlarged1.png")
    assert "smaller than the training size" not in command("doctor", *place, "--preset", "course")
    command("tag", *place, "--model", wd_tagger(tmp_path / "wd"), "--general_threshold", "0.3")
    assert tags_of(place).items() >= dict.fromkeys(("1girl", "smile"), COUNT).items()
    command("captions", "bind", *place, "--trigger", "mochi", "--character", *FEATURES)
    found = tags_of(place)
    assert (found["mochi"], found["smile"], [tag for tag in FEATURES if tag in found]) == (COUNT, COUNT, [])
    command("sets", "repeats", *place, "1_mochi", REPEATS)

    each = {"preview_every_n_steps": "2", **PROMPT}
    said = command("train", *place, "--preset", "course", "--device", "cpu", *flags({**CHANGED, **each}))
    last = last_checkpoint(said)
    assert last.parent == version / "checkpoints"
    assert changed_settings(tmp_path / "out") == set()  # the preset counts epochs
    told = metadata_of(last)
    assert told.items() >= PUBLISHED["course"].items()
    assert told["ss_num_train_images"] == str(COUNT * REPEATS)
    files = sorted(last.parent.glob("*.safetensors"))
    assert len(files) == 2
    assert [len(list((version / "previews" / path.stem).glob("*.png"))) for path in files] == [3, 3]

    wanted = {**PROMPT, "preview_weights": "0,0.4,0.8,1", "preview_batch_size": "2", "preview_seeds": "5"}
    pictures, sheets = drawn(tmp_path / "out", "preview", *place, "--device", "cpu", *flags(wanted))
    assert (len(pictures), len(sheets)) == (2 + 2 * 2 * 3, 1)  # weight 0 is of the base model, for both files
    assert installed(tab, "mochi", last).read_bytes() == last.read_bytes()

    rented = tmp_path / "rented"
    rented.mkdir()
    command("pack", tmp_path / "mochi.zip", *place)
    there = ["--from", tmp_path / "mochi.zip", "--output", rented, "--device", "cpu"]
    command("train", *there, *flags({"max_train_steps": "2"}))
    command("unpack", tmp_path / "mochi-results.zip", "--output", tmp_path / "out")
    [home] = {*last.parent.glob("*.safetensors")} - {*files}
    [away] = rented.rglob("checkpoints/*.safetensors")
    assert is_same(home, away)
    assert metadata_of(home)["ss_steps"] == "2"
