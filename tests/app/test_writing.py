from threading import Event

import pytest

from lib_train.app import writing as module
from lib_train.errors import HostBusyError

P = ("p", "v1")
LIST = """blue_eyes,0,900,"azure_eyes"
:|,0,700,
blush,0,800,
hat,0,600,"brim"
x_x,0,5,
"""


@pytest.fixture
def writing(session, folder, tmp_path, monkeypatch):
    for number, caption in enumerate(["blue eyes, Hat", "Blue Eyes, black hat", "blue eyes"]):
        (folder / f"{number}.txt").write_text(caption)
    (tmp_path / "tags.csv").write_text(LIST)
    monkeypatch.setattr(session.writing._host, "tag_lists", lambda: [tmp_path / "tags.csv"], raising=False)
    return session.writing


def found(writing, beginning, most=10):
    return [tuple(one.values()) for one in writing.completions(*P, beginning, most)["tags"]]


def test_tags_of_the_captions_come_first_and_none_twice(writing):
    assert found(writing, "bl") == [
        ("blue eyes", 3, 0, ""), ("black hat", 1, 0, ""), ("blush", 0, 800, "")
    ]  # fmt: skip
    assert found(writing, "BLUE_e") == [("blue eyes", 3, 0, "")]
    assert found(writing, "hat") == [("Hat", 1, 0, ""), ("black hat", 1, 0, "")]
    assert found(writing, "az") == [("blue eyes", 0, 900, "azure eyes")]
    assert found(writing, "bl", 1) == [("blue eyes", 3, 0, "")]
    assert [one[0] for one in found(writing, "")] == ["blue eyes", "black hat", "Hat"]


def test_listed_tags_are_written_as_the_captions_write_theirs(writing, folder):
    assert [found(writing, words)[0][0] for words in (":", "x", "az")] == [":|", "x_x", "blue eyes"]
    (folder / "0.txt").write_text("long_hair, red_eyes, black_hat, no_humans, a_b")
    (folder / "1.txt").write_text("long_hair")
    assert found(writing, "az")[0][0] == "blue_eyes"


def test_tag_lists_are_read_while_the_first_caption_is_looked_at_and_nobody_waits_for_it(writing, monkeypatch):
    read, go_on, ended = [], Event(), Event()

    def slowly(path):
        read.append(path.name)
        assert go_on.wait(60)
        ended.set()

    monkeypatch.setattr(module, "tag_list", slowly)
    for _ in range(2):
        writing.counted(*P, ["hat"])
    assert not ended.is_set()
    go_on.set()
    assert ended.wait(60)
    assert read == ["tags.csv"]


def test_tokens_are_counted_by_the_host_with_what_the_settings_add(session, writing, monkeypatch):
    session.kept.keep(*P, {"caption_prefix": "mochi", "max_token_length": 75})
    assert writing.counted(*P, ["hat, ", "a " * 80, "b\ud83d"]) == {
        "tokens": 86, "most": 75, "marks": [{"tokens": 75, "part": 1}]
    }  # fmt: skip

    def busy(captions):
        raise HostBusyError("no checkpoint is loaded")

    monkeypatch.setattr(session.writing._host, "count_tokens", busy)
    with pytest.raises(HostBusyError):
        writing.counted(*P, ["hat"])
