import time
from typing import Any

import pytest

from lib_train.app.session import Session
from lib_train.config.presets import PRESETS
from lib_train.errors import HostModelError
from tests.fakes import FakeHost


class SizedHost(FakeHost):
    """A host whose model has another size than it seems."""

    changes: Any = {}
    asked = 0

    def size_of(self, ref):
        self.asked += 1
        return super().size_of(ref)._replace(**self.changes)


@pytest.fixture
def session(tmp_path):
    (tmp_path / "A.safetensors").write_bytes(b"a base model")
    made = Session(SizedHost(tmp_path / "A.safetensors"), tmp_path / "out")
    made.projects.create_free("mochi")
    return made


def cards(session):
    return {card["name"]: card for card in session.cards.of("mochi", "v1")}


def test_cards_of_a_version_without_pictures_suppose_twenty(session):
    session.host.changes = {"width": 320, "own_side": 0}
    found = cards(session)
    assert list(found) == list(PRESETS)
    assert {card["supposed"] for card in found.values()} == {True}
    assert {card["pictures"] for card in found.values()} == {20}
    assert {name: card["steps"] for name, card in found.items()} == {
        "CherryCat": 400, "rimochan": 1000, "CharFramework": 1000, "CharFramework-LoCon": 1000,
        "CharFramework-LoHa": 1000, "course": 2000, "Notebook": 2000, "Notebook-128": 2000,
        "Notebook-Full": 2000,
    }  # fmt: skip
    assert {name: card["resolution"] for name, card in found.items()} == {
        name: [768, 1024] if name == "CherryCat" else [768, 768] if name.startswith("Notebook") else [512, 512]
        for name in PRESETS
    }
    lora, locon, loha = (found[f"CharFramework{kind}"]["checkpoint_bytes"] for kind in ("", "-LoCon", "-LoHa"))
    assert lora == locon == pytest.approx(2 * loha, rel=0.02)
    assert found["CherryCat"]["memory_bytes"] > found["rimochan"]["memory_bytes"] > 10**8
    assert all(card["fits"] and card["problems"] == [] for card in found.values())
    assert found["rimochan"]["title"] == "Character, small files"


def test_cards_before_there_is_a_project_are_those_of_an_empty_version(session):
    session.host.changes = {"width": 320, "own_side": 0}
    before = sorted(path.name for path in (session.root).iterdir())
    assert session.cards.supposed() == session.cards.of("mochi", "v1")
    assert sorted(path.name for path in session.root.iterdir()) == before


@pytest.mark.parametrize(
    ("size", "side"),
    [({"family": "sdxl", "width": 320, "own_side": 0}, 1024), ({"family": "sd2", "width": 320, "own_side": 0}, 768),
     ({"own_side": 128}, 128)],
)  # fmt: skip
def test_preset_of_another_kind_of_model_is_trained_at_the_models_own_size(session, size, side):
    session.host.changes = size
    found = cards(session)
    assert {tuple(card["resolution"]) for card in found.values()} == {(side, side)}
    assert not any(card["fits"] for card in found.values())
    for name in PRESETS:
        session.kept.take_preset("mochi", "v1", name)
        kept = session.kept.read("mochi", "v1")
        assert (kept["values"]["resolution"], kept["differs"]) == ([], [])
    session.kept.keep("mochi", "v1", {"resolution": 640})
    assert [one["setting"] for one in session.kept.read("mochi", "v1")["differs"]] == ["resolution"]


def test_preset_for_the_loaded_model_keeps_its_resolution(session):
    session.host.changes = {"width": 320}
    session.kept.take_preset("mochi", "v1", "CherryCat")
    assert session.kept.read("mochi", "v1")["values"]["resolution"] == [768, 1024]


def test_cards_count_the_versions_own_pictures_and_are_made_in_no_time(session):
    session.make_sample("cat")
    session.cards.of("cat", "v1")
    session.host.asked = 0
    begin = time.perf_counter()
    found = session.cards.of("cat", "v1")
    assert time.perf_counter() - begin < 0.1 * len(PRESETS)
    assert session.host.asked == 1  # of a real model it takes some 30 ms
    assert {(card["pictures"], card["supposed"]) for card in found} == {(16, False)}
    session.kept.take_preset("cat", "v1", "rimochan")
    plan = session.plan_as_json("cat", "v1")
    card = next(card for card in found if card["name"] == "rimochan")
    shared = ("steps", "memory_bytes", "saves", "checkpoint_bytes", "resolution")
    assert [card[name] for name in shared] == [plan[name] for name in shared]


def test_a_card_has_its_own_problem_and_the_others_their_figures(session):
    session.kept.keep("mochi", "v1", {"bucket_reso_steps": 512, "enable_bucket": True})
    session.host.changes = {"width": 320, "own_side": 256}
    found = cards(session)
    assert found["CherryCat"]["problems"] == []
    assert [one["setting"] for one in found["rimochan"]["problems"]] == ["bucket_reso_steps"]
    assert found["rimochan"]["steps"] is None
    assert found["CherryCat"]["steps"] == 400


def test_cards_without_a_model_or_folder_say_why(session, tmp_path):
    session.kept.keep("mochi", "v1", {"train_data_dir": str(tmp_path / "gone")})
    found = cards(session)["course"]
    assert (found["supposed"], found["steps"]) == (True, 2000)
    assert [one["setting"] for one in found["problems"]] == ["train_data_dir"]

    def find(*_):
        raise HostModelError("no checkpoint is loaded; choose one")

    session.host.find = find
    found = cards(session)["course"]
    assert (found["fits"], found["steps"], found["title"]) == (None, None, "Plain start")
    assert found["problems"][-1]["remedy"] == "no checkpoint is loaded; choose one"
