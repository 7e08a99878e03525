"""Taggers that are there, and one that is fetched from a server of this process."""

import io
import time
from contextlib import closing
from email.message import Message
from threading import Event

import pytest

from lib_train.app.taggers import fetched
from lib_train.errors import ConfigError, FileError
from lib_train.jobs.taggers import published
from lib_train.tagging.download import Ended
from tests.fakes import Notes


class Answer(io.BytesIO):
    def __init__(self, content):
        super().__init__(content)
        self.headers = Message()
        self.headers["Content-Length"] = str(len(content))


def opener(log, fails=""):
    def open(url, *, timeout):
        log.append(url.rpartition("/")[2])
        if fails and url.endswith(fails):
            raise ConnectionResetError("reset by the test")
        return closing(Answer(url.encode() * 1000))

    return open


def test_files_come_with_the_model_last_so_that_what_is_found_is_whole(tmp_path):
    log: list[str] = []
    wanted, notes = published("wd-vit-tagger-v3"), Notes()
    model = fetched(wanted, tmp_path, notes, Event(), opener(log))
    assert log == ["selected_tags.csv", "config.json", "model.safetensors"]
    assert model == tmp_path / "wd-vit-tagger-v3" / "model.safetensors"
    assert notes.works[-1][0] == "bytes"
    fetched(wanted, tmp_path, notes, Event(), opener(log))
    assert len(log) == 3


def test_fetching_that_broke_off_goes_on_where_it_was(tmp_path):
    log: list[str] = []
    with pytest.raises(FileError, match="reset by the test"):
        fetched(published("joytag"), tmp_path, Notes(), Event(), opener(log, "model.onnx"))
    assert [one.name for one in (tmp_path / "joytag").iterdir()] == ["top_tags.txt"]
    fetched(published("joytag"), tmp_path, Notes(), Event(), opener(log))
    assert log == ["top_tags.txt", "model.onnx", "model.onnx"]


def test_stop_ends_fetching(tmp_path):
    stop = Event()
    stop.set()
    with pytest.raises(Ended):
        fetched(published("joytag"), tmp_path, Notes(), stop, opener([]))
    assert list((tmp_path / "joytag").iterdir()) == []


def test_job_fetches_into_the_folder_and_is_listed(session, tmp_path, monkeypatch):
    monkeypatch.setattr("lib_train.app.taggers.urlopen", opener([]))
    settings = {"tagger_folder": str(tmp_path)}
    session.taggers.fetch("joytag", settings)
    while session.busy:
        time.sleep(0.01)
    job = session.status.job()
    assert (job["phase"], job["kind"], job["outcome"]) == ("finished", "fetch", f"joytag is in {tmp_path / 'joytag'}")
    found = session.taggers.listed(settings)
    model = str(tmp_path / "joytag" / "model.onnx")
    assert found["found"] == [{"name": "joytag", "kind": "joytag", "model": model, "missing": "",
                               "usual_threshold": 0.4}]  # fmt: skip
    assert found["folder"] == str(tmp_path)
    assert [one["name"] for one in found["host"]] == ["colours", "words"]
    assert {"tagger", "mode", "general_threshold"} <= {one["name"] for one in found["settings"]}


def test_fetching_needs_a_known_name_and_a_folder(session, tmp_path):
    with pytest.raises(ConfigError, match="tagger_folder = '': name a folder to put the tagger into"):
        session.taggers.fetch("joytag", {})
    with pytest.raises(ConfigError, match="fetch = 'magic': choose one of"):
        session.taggers.fetch("magic", {"tagger_folder": str(tmp_path)})
