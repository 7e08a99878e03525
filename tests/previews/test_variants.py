from random import Random

import pytest

from lib_train.errors import ConfigError
from lib_train.previews.variants import Wildcards


@pytest.fixture
def folder(tmp_path):
    """Wildcards beside a file that is nobody's business."""
    (tmp_path / "secret.txt").write_text("secret")
    home = tmp_path / "wildcards"
    (home / "people").mkdir(parents=True)
    (home / "poses.txt").write_bytes("\ufeff# how they are\nstanding\r\n\r\n  sitting \n".encode())
    (home / "people" / "hair_color.txt").write_bytes("{red|red} hair\nredd\xffish".encode("latin-1"))
    (home / "circle.txt").write_text("__circle__")
    (home / "growing.txt").write_text("__growing__ " * 400)
    (home / "bare.txt").write_text("# nothing\n\n")
    return home


def varied(folder, prompt, seed=1):
    return Wildcards([folder / "nowhere", folder], "class_prompt").varied(prompt, Random(seed))


def test_one_of_each_alternatives_is_taken_by_chance_alone(folder):
    prompt = "a {red|green|{light|dark} blue} {cat|dog}, {}, {one}"
    found = [varied(folder, prompt, seed) for seed in range(90)]
    assert found == [varied(folder, prompt, seed) for seed in range(90)]
    words = {words for words in found if "{" not in words and "|" not in words}
    assert len(words) == len(set(found)) == 8
    assert "a light blue dog, , one" in words


def test_lines_of_a_wildcard_are_taken_without_comments_marks_and_space(folder):
    wildcards = Wildcards([folder], "class_prompt")
    assert wildcards.lines("poses") == ["standing", "sitting"]
    assert {varied(folder, "__poses__, x", seed) for seed in range(9)} == {"standing, x", "sitting, x"}
    assert {varied(folder, "__people/hair_color__", seed) for seed in range(9)} == {"red hair", "redd\ufffdish"}
    assert wildcards.names() == ["bare", "circle", "growing", "people/hair_color", "poses"]


def test_what_only_looks_like_alternatives_stays_as_it_is(folder):
    for prompt in ("a_b __ c__", "{open", "close}", "^__^", "snake__case"):
        assert varied(folder, prompt) == prompt


@pytest.mark.parametrize("name", ["../secret", "people/../../secret", "link", "/etc/passwd", "a\0b", "x" * 500, "C:/x"])
def test_nothing_outside_of_the_folder_is_read(folder, name):
    (folder / "link.txt").symlink_to(folder.parent / "secret.txt")
    with pytest.raises(ConfigError, match="there is no such file in the folders of wildcards; such as: bare, circle"):
        varied(folder, f"__{name}__")


@pytest.mark.parametrize(
    ("prompt", "why"),
    [
        ("__poesies__", "class_prompt = '__poesies__': there is no such file"),
        ("__bare__", "bare.txt: holds no line"),
        ("__circle__", "class_prompt = '__circle__': its lines name wildcards again and again"),
        ("__growing__", "its lines name wildcards again and again, or are too long"),
    ],
)
def test_wildcard_that_cannot_be_used_is_named(folder, prompt, why):
    with pytest.raises(ConfigError, match=why):
        varied(folder, prompt)
    assert varied(folder, "{a|a}") == "a"


def test_alternative_that_is_not_taken_needs_no_file(folder):
    assert {varied(folder, "{a|__nowhere__}", seed) for seed in (2, 4)} == {"a"}
