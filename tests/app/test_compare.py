import json
import shutil

import pytest

from lib_train.errors import ProjectError
from tests.moves import ended

SETTINGS = {"resolution": "64", "min_bucket_reso": "64", "network_dim": 2, "train_batch_size": 2, "max_train_steps": 4,
            "save_every_n_epochs": None}  # fmt: skip
FIRST, SECOND = ("p", "v1"), ("p", "v2")


@pytest.fixture
def two(session, pictures):
    """A version that was trained, and a copy of it with other settings, pictures and captions."""
    session.projects.create("p")
    shutil.copytree(pictures, session.root / "p" / "versions" / "v1" / "dataset" / "train")
    session.kept.keep(*FIRST, SETTINGS)
    session.train(*FIRST)
    ended(session)
    session.projects.copy_version("p", "v1", "v2")
    session.kept.keep(*SECOND, {"network_dim": 8, "flip_aug": True})
    folder = session.root / "p" / "versions" / "v2" / "dataset" / "train" / "2_mochi"
    (folder / "0.txt").write_text("another caption")
    (folder / "1.png").unlink()
    return session


def contents(root):
    return {path: path.stat().st_mtime_ns for path in root.rglob("*")}


def test_two_versions_are_told_with_all_that_differs(two):
    two.noting.write(*FIRST, {"conclusion": "good"})
    found = two.comparing.compared(FIRST, SECOND)
    assert [(one["name"], one["values"]) for one in found["settings"]] == [
        ("network_dim", [2, 8]),
        ("flip_aug", [False, True]),
    ]
    assert found["settings_same"] > 100
    one, other = found["sides"]
    assert (one["conclusion"], other["conclusion"], other["copy_of"]) == ("good", "", "v1")
    assert (one["pictures"], other["pictures"]) == (3, 2)
    assert found["pictures"]["only"] == [1, 0]
    assert [row["captions"][1] for row in found["captions"]["rows"]] == ["another caption"]
    assert json.dumps(found)


def test_run_is_told_with_its_length_loss_and_time_and_a_version_without_one_says_so(two):
    found = two.comparing.compared(FIRST, SECOND)
    one, other = found["sides"]
    (run,) = one["runs"]
    curve = two.series(*FIRST, "r001")["loss"]
    assert (run["name"], run["step"], run["steps"], run["finished"], run["base"]) == (
        "r001",
        4,
        4,
        True,
        "A.safetensors",
    )
    assert run["loss"] == pytest.approx(sum(loss for _, loss in curve) / 4)
    assert run["seconds"] >= 0
    assert (one["curve_of"], other["curve_of"], other["runs"]) == ("r001", "", [])
    assert [len(points) for points in found["series"]["loss"]] == [4, 0]
    two.kept.keep(*FIRST, {"learning_rate": "2e-4"})
    assert two.comparing.compared(FIRST, SECOND)["sides"][0]["runs"][0]["others"] == ["learning_rate"]


def test_curves_are_of_the_run_of_the_best_checkpoint_and_else_of_the_newest(two):
    two.kept.keep(*FIRST, {"learning_rate": "2e-4", "max_train_steps": 3})
    two.train(*FIRST)
    ended(two)

    def drawn():
        found = two.comparing.compared(FIRST, SECOND)
        return found["sides"][0]["curve_of"], len(found["series"]["loss"][0])

    assert drawn() == ("r002", 3)
    two.noting.write(*FIRST, {"best": "p-v1-r001.safetensors"})
    assert drawn() == ("r001", 4)
    two.versions.named(*FIRST).inside("checkpoints", "p-v1-r001.safetensors").unlink()
    assert drawn() == ("r002", 3)


def test_comparing_writes_nothing(two):
    before = contents(two.root)
    two.comparing.compared(FIRST, SECOND)
    assert contents(two.root) == before


def test_versions_of_two_projects_and_empty_ones_are_compared(two):
    two.projects.create("q")
    found = two.comparing.compared(("q", "v1"), FIRST)
    assert [side["pictures"] for side in found["sides"]] == [0, 3]
    assert found["sides"][0]["runs"] == found["sides"][0]["sheets"] == []
    assert found["pictures"]["only"] == [0, 3]


def test_pictures_that_cannot_be_read_are_told_and_the_rest_is_compared(two):
    two.kept.keep(*SECOND, {"train_data_dir": ["/nowhere"]})
    found = two.comparing.compared(FIRST, SECOND)
    assert found["sides"][1]["pictures"] == 0
    assert "train_data_dir" in [one["name"] for one in found["settings"]]


def test_version_that_is_not_there_is_refused(two):
    with pytest.raises(ProjectError, match="p v9: there is none of this name"):
        two.comparing.compared(FIRST, ("p", "v9"))
