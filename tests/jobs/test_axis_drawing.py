import shutil
from dataclasses import replace

import pytest

from lib_train.config.preview import PreviewConfig
from lib_train.jobs.undrawn import undrawn
from lib_train.previews.told import told_by

LINES = ("replace:cat,dog | weight:0.5,1", "checkpoint | seed:1,2 | steps:1,2", "replace:bird,cow")


@pytest.fixture
def trained(service, config):
    """A run of two checkpoints whose settings have sheets by axes."""
    preview = PreviewConfig(preview_prompts=("a cat", "a hat"), preview_weights=(1.0,), preview_sampler=("Euler a",),
                            preview_steps=(1,), preview_sheets=LINES)  # fmt: skip
    config = replace(config, preview=preview)
    outcome = service.train("p", "v1", config)
    return outcome, replace(config, preview=preview)


def test_sheets_of_the_settings_are_made_when_training_ends_and_those_without_words_are_told(trained, service, host):
    outcome, config = trained
    version = outcome.run.version
    names = [path.name.rpartition("-")[2] for path in outcome.grids]
    assert names == ["p1.png", "p2.png", "p1.png", "p1.png", "p2.png", "p1.png", "p2.png"]
    folder = version.folder / "previews"
    assert len(list(folder.glob("sheet-*.html"))) == len(list(folder.glob("sheet-*.json"))) == 3
    told = [line for line in service.listener.lines if line.startswith("no sheet")]
    assert ["'cat'" in line for line in told] == [True, False, False]  # the prompt "a hat", and no bird in both
    drawn = [told_by(path) for path in folder.glob("*/*-sheet_*.png")]
    assert len({(one.column, one.checkpoint, one.weight) for one in drawn if one}) == len(drawn)
    assert undrawn(host, version, outcome.run.checkpoints(), config)[0] == 0


def test_sheets_whose_files_are_missing_count_as_undrawn_and_are_made_of_the_pictures_that_are_there(
    trained, service, host, monkeypatch
):
    outcome, config = trained
    version, checkpoints = outcome.run.version, outcome.run.checkpoints()
    next(iter(sorted(version.folder.glob("previews/sheet-*.json")))).unlink()
    assert undrawn(host, version, checkpoints, config)[0] == 4
    wanted: list[object] = []
    render = host.render
    monkeypatch.setattr(host, "render", lambda model, requests: (wanted.extend(requests), render(model, requests))[1])
    service.preview(checkpoints, config, version, reuses=True, by_axes=True)
    assert wanted == []
    assert undrawn(host, version, checkpoints, config)[0] == 0


def test_one_prompt_of_several_is_enough_for_a_word(service, config):
    preview = PreviewConfig(preview_prompts=("a cat", "a hat"), preview_sheets=LINES)
    notes = service.plan(replace(config, preview=preview)).notes
    assert [note for note in notes if note.startswith("preview_sheets")] == [
        "preview_sheets: no prompt has 'bird', which is to be replaced: there is no such sheet"
    ]


def test_a_second_network_that_is_not_there_is_told_in_the_plan(trained, service, tmp_path):
    outcome, config = trained
    version, known = outcome.run.version, outcome.run.checkpoints()[0]
    (tmp_path / "style.safetensors").touch()
    lines = (
        f"lora:none,{known.stem}:0.6,gone:0.5",
        f"seed:1,2 | lora:{tmp_path}/style.safetensors,gone,{tmp_path}/x/y",
    )
    config = replace(config, preview=replace(config.preview, preview_sheets=lines))
    told = [note for note in service.plan(config, version).notes if "there is no LoRA" in note]
    assert told == [
        f"preview_sheets: there is no LoRA {name!r} yet: its sheet is not made until there is; name a checkpoint, an "
        "installed file or a path" for name in ("gone", f"{tmp_path}/x/y")
    ]  # fmt: skip
    shutil.copy(known, tmp_path / "gone.safetensors")
    found = replace(config, preview=replace(config.preview, preview_sheets=(f"lora:{tmp_path}/gone.safetensors",)))
    assert not [note for note in service.plan(found, version).notes if "there is no LoRA" in note]
