import pytest

from lib_train.config.dataset import DatasetConfig
from lib_train.pictures.tag_line import Shape, TagLine


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("a, b,c ,, d", (("a", "b", "c", "d"),)),
        ("", ((),)),
        ("a ||| b, c", (("a",), ("b", "c"))),
        ("a ||| b ||| c, d ||| e", (("a",), ("b",), ("c", "d", "e"))),
    ],
)
def test_line_is_taken_apart_as_a_run_does(line, parts):
    assert TagLine.read(line, Shape(mark="|||")).parts == parts


@pytest.mark.parametrize("line", ["a, b, c", "a,b,c", "a; b", "a|||b, c", "a ||| b ||| c", "one tag"])
def test_line_is_put_together_as_its_writer_did(line):
    shape = Shape(separator=";" if ";" in line else ",", mark="|||")
    assert str(TagLine.read(line, shape)) == line


def test_tags_are_found_however_they_are_written():
    line = TagLine.read(r"Blue_Eyes, saber \(fate\), hat", Shape())
    assert line.without(["blue eyes", "saber_(fate)"]).tags == ["hat"]
    assert line.lacking(["HAT", "scarf", "scarf", "blue eyes"]) == ["scarf"]


def test_shape_is_that_of_the_settings():
    config = DatasetConfig(caption_separator="; ", keep_tokens_separator="|||", keep_tokens=2)
    assert Shape.of(config) == Shape(separator=";", mark="|||", fixed=2)
