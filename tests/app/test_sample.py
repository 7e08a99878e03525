import shutil
import threading
from typing import Any

import pytest

from lib_train.app.sample import PROMPT, SAMPLES
from lib_train.app.session import Session
from lib_train.errors import HostModelError, ProjectError
from lib_train.host.protocol import Host
from tests.fakes import FakeHost


@pytest.fixture
def session(tmp_path):
    (tmp_path / "A.safetensors").write_bytes(b"a base model")
    return Session(FakeHost(tmp_path / "A.safetensors"), tmp_path / "out")


def test_sample_is_a_project_of_its_own_pictures_that_a_small_model_can_train_at_once(session):
    assert session.make_sample("") == ("mochi", "v1")
    assert session.make_sample(" mochi ") == ("mochi 2", "v1")
    own = session.root / "mochi 2" / "versions" / "v1" / "dataset"
    copies = {path.relative_to(own): path.read_bytes() for path in own.rglob("*.*")}
    assert copies == {path.relative_to(SAMPLES): path.read_bytes() for path in SAMPLES.rglob("*.*")}
    plan = session.plan_as_json("mochi 2", "v1")
    assert (plan["pictures"], plan["regularisation"], plan["steps"], plan["saves"]) == (16, 50, 640, 2)
    assert plan["problems"] == []
    config = session.kept.for_run("mochi 2", "v1")
    assert (config.dataset.train_data_dir, config.preview.preview_prompts) == ((), (PROMPT,))
    assert (config.network.network_dim, config.training.train_batch_size) == (32, 8)


@pytest.mark.parametrize("model", ["full size", "none"])
def test_sample_trains_on_a_real_model_as_a_published_preset_does(session, monkeypatch, model):
    size = session.host.size_of(session.host.find(""))._replace(width=320)

    def size_of(host: Host, ref: object) -> object:
        if model == "none":
            raise HostModelError("no checkpoint is loaded")
        return size

    monkeypatch.setattr(FakeHost, "size_of", size_of)
    session.make_sample("mochi")
    found = session.kept.read("mochi", "v1")
    values = found["values"]
    assert (found["preset"], values["unet_lr"], values["text_encoder_lr"]) == ("course", 1e-4, 1e-5)
    assert values["preview_prompts"] == [PROMPT]


def test_sample_that_cannot_be_written_leaves_no_project(session, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lib_train.app.sample.shutil.copytree", full)
    with pytest.raises(ProjectError, match="'mochi': cannot be written .No space left on device.; make room"):
        session.make_sample("")
    assert session.projects.names() == []


def test_sample_is_seen_by_nobody_before_it_is_whole(session, monkeypatch):
    seen, copy = [], shutil.copytree

    def copied(source: str, target: str, *more: Any) -> None:  # called again for each folder inside
        copy(source, target, *more)
        seen.extend(session.projects.listed())

    monkeypatch.setattr("lib_train.app.sample.shutil.copytree", copied)
    session.make_sample("")
    assert seen == []
    assert [(one["name"], [version["name"] for version in one["versions"]]) for one in session.projects.listed()] == [
        ("mochi", ["v1"])
    ]


def test_clicks_at_once_get_a_project_each(session):
    made: list[str] = []
    clicks = [threading.Thread(target=lambda: made.append(session.projects.create_free("cat")[0])) for _ in range(8)]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    assert sorted(made) == ["cat", *(f"cat {number}" for number in range(2, 9))]
