import shutil

import pytest

from lib_train.config.codec import from_json
from tests.jobs.stopping import SETTINGS, draw, refused, stopped, weights


def edit(data, change):
    """Change something below ``data``; gives the changes that are to be named."""
    cat = data / "1_cat"
    if change == "removed":
        (cat / "1.png").unlink()
        (cat / "4.png").unlink()
        return ["pictures removed: 2 (1_cat/1.png, 1_cat/4.png)"]
    if change == "many added":
        for index in range(20, 32):
            draw(cat, index, (index, 0, 0), "more")
        names = ", ".join(f"1_cat/{index}.png" for index in range(20, 30))
        return [f"pictures added: 12 ({names} and 2 more)"]
    if change == "edited":
        draw(cat, "3", (1, 2, 3))
        return ["pictures edited: 1 (1_cat/3.png)"]
    if change == "captions":
        (cat / "0.txt").write_text("a dog")
        (cat / "5.txt").unlink()
        return ["captions changed: 2 (1_cat/0.png, 1_cat/5.png)"]
    if change == "repeats":
        cat.rename(data / "3_cat")
        return ["folder 1_cat is 3_cat now: 6 pictures"]
    if change == "order":
        for old, new in (("0", "z"), ("z", "zz")):
            for ending in ("png", "txt"):
                (cat / f"{old}.{ending}").rename(cat / f"{new}.{ending}")
        return ["order of the pictures"]
    draw(data / "1_reg", "r", (9, 9, 9), "cat")
    return ["pictures added: 1 (1_reg/r.png)"]


@pytest.mark.parametrize("change", ["removed", "many added", "edited", "captions", "repeats", "order", "folder"])
def test_changed_data_is_named_and_the_run_goes_on_when_it_is_back_or_when_told_to(service, data, tmp_path, change):
    whole = service.train("p", "v0", from_json({**SETTINGS, "train_data_dir": [str(data)]})[0]).run
    run = stopped(service, data)
    shutil.copytree(data, tmp_path / "before")
    named = edit(data, change)
    found = refused(service)
    assert [text for text in found if not text.startswith("plan: ")] == named
    assert any(text.startswith("plan: 12 steps with 3 batches an epoch at its start, ") for text in found) == (
        change in ("many added", "removed", "repeats", "folder")
    )
    log = (run.folder / "events.jsonl").read_text()
    shutil.rmtree(data)
    (tmp_path / "before").rename(data)
    assert (run.folder / "events.jsonl").read_text() == log
    outcome = service.resume("p", "v1")
    assert outcome.finished
    assert weights(outcome.run) == weights(whole)


def test_new_names_of_folders_and_files_in_the_same_order_are_no_change(service, data):
    whole = service.train("p", "v0", from_json({**SETTINGS, "train_data_dir": [str(data)]})[0]).run
    stopped(service, data)
    for path in list((data / "1_cat").iterdir()):
        path.rename(path.with_name(f"new {path.name}"))
    (data / "1_cat").rename(data / "1_tomcat")
    assert weights(service.resume("p", "v1").run) == weights(whole)


def test_change_is_seen_where_the_list_of_pictures_is_damaged(service, data):
    run = stopped(service, data)
    rows = run.pictures()
    rows[2][4] = "0" * 16
    run.keep_pictures(rows)
    made = run.settings()["made_of"]
    run.keep("made_of", {**made, "data": "x"})
    assert refused(service) == ["pictures, captions or repeats (the list of those at its start is gone)"]


def test_settings_that_were_edited_in_the_runs_file_are_named(service, data):
    run = stopped(service, data)
    config = run.settings()["config"]
    config["training"] |= {"learning_rate": 0.5, "save_every_n_epochs": 1}
    config["preview"]["preview_steps"] = [7]
    run.keep("config", config)
    assert refused(service) == ["setting learning_rate: 0.01 at its start, 0.5 now"]
    assert service.resume("p", "v1", with_changes=True).finished
