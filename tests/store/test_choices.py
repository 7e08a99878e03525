import json
from threading import Thread

import pytest

from lib_train.errors import ConfigError, ProjectError
from lib_train.store.choices import CHOICES, Choice, choices_of, choose
from lib_train.store.projects import open_project


@pytest.fixture
def there(tmp_path):
    return open_project(tmp_path, "p").version("v1")


def test_choices_of_many_windows_at_once_are_all_kept(there):
    threads = [Thread(target=choose, args=(there, f"{n}.safetensors", {"verdict": "starred"})) for n in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert choices_of(there) == {f"{n}.safetensors": Choice("starred") for n in range(8)}


def test_what_others_wrote_into_the_file_stays_and_what_is_odd_is_not_read(there):
    odd = {"x": 3, "y": {"verdict": "good", "note": None, "more": 1}, "z": {"verdict": "rejected"}}
    (there.folder / CHOICES).write_text(json.dumps(odd))
    choose(there, "a", {"note": "猫"})
    assert json.loads((there.folder / CHOICES).read_text(encoding="utf-8")) == {
        **odd, "a": {"verdict": "", "note": "猫"},
    }  # fmt: skip
    assert choices_of(there) == {"y": Choice(), "z": Choice("rejected"), "a": Choice("", "猫")}


def test_note_that_is_too_long_is_refused(there):
    with pytest.raises(ConfigError, match="longer than 2000 letters"):
        choose(there, "a", {"note": "x" * 2001})
    assert not (there.folder / CHOICES).exists()


def test_damaged_file_is_named(there):
    (there.folder / CHOICES).write_text("[")
    with pytest.raises(ProjectError, match=CHOICES):
        choices_of(there)
