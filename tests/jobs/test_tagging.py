"""With a tiny ONNX tagger, and with taggers of a stand-in host."""

from pathlib import Path
from threading import Event
from types import SimpleNamespace

import numpy
import pytest
import torch
from PIL import Image

from lib_train.config.tagging import TaggingConfig
from lib_train.errors import HostBusyError, OutOfMemory
from lib_train.jobs.tagging import Work, tag_all, to_tag
from lib_train.pictures.entry import Entry
from lib_train.tagging.found import recognised
from lib_train.tagging.tagger import Label
from tests.fakes import FakeHost, Notes
from tests.tiny_taggers import tiny_onnx, write_selected_tags

TAGS = (("dark", 9), ("bright", 9), ("blue_thing", 0), ("red_thing", 0), ("nothing", 0))
WEIGHTS: list[list[float]] = [[-1, -1, -1], [1, 1, 1], [0.1, 0, -0.1], [-0.1, 0, 0.1], [-1, -1, -1]]
"""Of blue, green and red."""


@pytest.fixture
def host(tmp_path):
    return FakeHost(tmp_path / "A.safetensors")


@pytest.fixture
def found(tmp_path):
    folder = tmp_path / "tagger"
    path = tiny_onnx(folder / "model.onnx", WEIGHTS, last=True, batch=None, sigmoid=True)
    write_selected_tags(folder, TAGS)
    return recognised(path)


@pytest.fixture
def entries(tmp_path):
    colours = ("blue", "red", "navy", "darkred", "blue")
    paths = [tmp_path / f"{place}.png" for place in range(len(colours))]
    for path, colour in zip(paths, colours, strict=True):
        Image.new("RGB", (9, 7), colour).save(path)
    return [Entry(id=10 + place, path=path, folder="2_mochi", repeats=2) for place, path in enumerate(paths)]


def tagged(host, tagger, entries, stop=None, listener=None, **settings):
    config = TaggingConfig(**settings)
    done = tag_all(host, tagger, Work(entries, config, stop or Event()), listener or Notes())
    tags = {key: seen.tags(config) for key, seen in done.seen.items()}
    return SimpleNamespace(tags=tags, refused=done.refused, stopped=done.stopped)


@pytest.mark.parametrize("size", [1, 2, 5, 9])
def test_each_picture_gets_its_tags_whatever_the_batch(host, found, entries, size):
    notes = Notes()
    done = tagged(host, found, entries, listener=notes, tag_batch_size=size)
    assert done.tags == {
        10: ["blue thing"],
        11: ["red thing"],
        12: ["blue thing"],
        13: ["red thing"],
        14: ["blue thing"],
    }
    assert (done.refused, done.stopped) == ([], False)
    assert notes.works == [("tags", count, 5) for count in range(6)]


def test_damaged_picture_is_named_and_the_rest_is_tagged(host, found, entries):
    Path(entries[1].path).write_bytes(b"no picture")
    for tagger in (found, host.taggers()[0]):
        notes = Notes()
        done = tagged(host, tagger, entries, listener=notes, tag_batch_size=2)
        assert sorted(done.tags) == [10, 12, 13, 14]
        assert len(done.refused) == 1
        assert done.refused[0].startswith("1.png: ")
        assert not done.stopped
        assert notes.works[-1] == ("tags", 5, 5)


def test_pictures_that_are_all_damaged_end_it_too(host, found, entries):
    for entry in entries:
        Path(entry.path).write_bytes(b"")
    for tagger in (found, host.taggers()[0]):
        done = tagged(host, tagger, entries)
        assert (done.tags, len(done.refused), done.stopped) == ({}, 5, False)


def test_tags_of_the_host_follow_the_settings_and_sentences_come_whole(host, entries):
    tags, words = host.taggers()
    assert tagged(host, tags, entries[:2], general_threshold=0).tags == {
        10: ["blue", "red", "green x"], 11: ["red", "green x", "blue"]
    }  # fmt: skip
    assert tagged(host, tags, entries[:2]).tags == {10: ["blue"], 11: ["red"]}
    assert tagged(host, words, entries[:2]).tags == {10: ["a picture of blue"], 11: ["a picture of red"]}


def test_ratings_of_deepbooru_are_no_tags(entries):
    class Deep(FakeHost):
        def _tagged(self, name, pictures):
            for _ in pictures:
                yield SimpleNamespace(scores={"rating:safe": 0.9, "hat": 0.8}, sentence="")

    host = Deep(entries[0].path)
    assert tagged(host, host.taggers()[0], entries[:1]).tags == {10: ["hat"]}
    assert tagged(host, host.taggers()[0], entries[:1], keep_rating=True).tags == {10: ["hat", "safe"]}


@pytest.mark.parametrize("by_host", [False, True])
def test_stop_ends_it_after_the_batch_in_hand_and_keeps_what_was_done(host, found, entries, by_host):
    stop = Event()

    class Stopping(Notes):
        def working(self, what, done, total):
            if done == 2:
                stop.set()

    tagger = host.taggers()[0] if by_host else found
    done = tagged(host, tagger, entries, stop, Stopping(), tag_batch_size=1)
    assert sorted(done.tags) == [10, 11]
    assert done.stopped
    with host.computing():
        pass


@pytest.mark.parametrize("by_host", [False, True])
def test_host_that_wishes_to_stop_ends_it(host, found, entries, by_host):
    host.between_steps = lambda done, total: done < 3
    done = tagged(host, host.taggers()[0] if by_host else found, entries, tag_batch_size=1)
    assert (sorted(done.tags), done.stopped) == ([10, 11, 12], True)


def test_device_in_other_hands_is_refused(host, found, entries):
    with host.computing(), pytest.raises(HostBusyError):
        tagged(host, found, entries)


class Greedy:
    """A tagger that takes two pictures at a time and no more."""

    labels = (Label("wide", "general"),)
    batch_size, usual_threshold, most = 8, 0.5, 2
    asked: list[int] = []
    name = "greedy"

    def opened(self, device):
        return self

    def scores(self, pictures):
        self.asked.append(len(pictures))
        if len(pictures) > self.most:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return numpy.ones((len(pictures), 1), numpy.float32)


def test_batch_that_is_too_large_for_the_device_is_halved(host, entries):
    greedy = Greedy()
    greedy.asked = []
    Path(entries[0].path).write_bytes(b"")
    done = tagged(host, greedy, entries)
    assert (len(done.tags), len(done.refused)) == (4, 1)
    assert greedy.asked == [4, 3, 1, 2, 1]


def test_tagger_goes_to_the_host_s_own_device_of_several(host, entries):
    opened = []

    class Placed(Greedy):
        most = 8

        def opened(self, device):
            opened.append(device)
            return self

    host.device = torch.device("cuda:1")
    tagged(host, Placed(), entries)
    assert opened == ["cuda:1"]


def test_device_that_is_too_small_for_one_picture_is_named(host, entries):
    greedy = Greedy()
    greedy.most = 0
    with pytest.raises(OutOfMemory, match="greedy: the device has too little memory for a single picture"):
        tagged(host, greedy, entries)


def test_other_errors_of_a_tagger_are_not_taken_for_too_little_memory(host, entries):
    class Broken(Greedy):
        def scores(self, pictures):
            raise RuntimeError("shapes differ")

    greedy = Broken()
    with pytest.raises(RuntimeError, match="shapes differ"):
        tagged(host, greedy, entries)


def test_mode_missing_asks_for_pictures_without_a_caption_alone():
    def entry(number, caption="", **facts):
        file = Path(f"{number}.txt") if caption is not None else None
        words = "mochi" if caption is None else caption
        return Entry(id=number, path=Path(f"{number}.png"), folder="1_mochi", repeats=1, caption=words,
                     caption_file=file, **facts)  # fmt: skip

    entries = [entry(1, None), entry(2, ""), entry(3, " , ,"), entry(4, "hat"), entry(5, "", caption_problem="no text"),
               entry(6, None, left_out=True), entry(7, None, problem="damaged"), entry(8, "\nsecond line")]  # fmt: skip
    assert [one.id for one in to_tag(entries, TaggingConfig(), ",")] == [1, 2, 3, 8]
    assert [one.id for one in to_tag(entries, TaggingConfig(mode="append"), ",")] == [1, 2, 3, 4, 5, 8]
