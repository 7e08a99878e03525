import time

import pytest

from tests.moves import ended


def test_plan_has_figures_writes_nothing_and_looks_again_only_when_files_change(session, settings, monkeypatch):
    first = session.plan_as_json("p", "v1", settings)
    assert (first["steps"], first["saves"], first["problems"]) == (4, 2, [])
    assert not session.root.exists()
    monkeypatch.setattr("lib_train.pictures.catalog.looked", lambda path: pytest.fail(f"{path} was read"))
    assert session.plan_as_json("p", "v1", {**settings, "learning_rate": "1e-3"})["pictures"] == first["pictures"]


def test_plan_estimates_the_time_until_a_run_of_this_kind_has_been(session, settings):
    settings = {**settings, "max_train_steps": "12", "save_every_n_steps": ""}
    first = session.plan_as_json("p", "v1", settings)
    assert first["seconds_are"] == "estimated"
    assert first["text"].count("(estimated)") == 1
    session.train("p", "v1", settings)
    ended(session)
    twice = session.plan_as_json("p", "v1", {**settings, "max_train_steps": "24", "learning_rate": "1e-3"})
    once = session.plan_as_json("p", "v2", {**settings, "network_dim": "4"})
    assert twice["seconds"] == pytest.approx(2 * once["seconds"])
    assert 0 < once["seconds"] < 60
    assert twice["seconds_are"] == once["seconds_are"] == "measured"
    assert session.plan_as_json("p", "v1", {**settings, "train_batch_size": "1"})["seconds_are"] == "estimated"


def test_plan_of_an_unchanged_folder_and_of_one_without_hope_costs_little(session, settings):
    session.plan_as_json("p", "v1", settings)
    for folders in (settings["train_data_dir"], ["/"], ["/usr"]):
        spent = []
        for _ in range(3):
            start = time.process_time()
            session.plan_as_json("p", "v1", {**settings, "train_data_dir": folders})
            spent.append(time.process_time() - start)
        assert min(spent) < 0.2, folders
