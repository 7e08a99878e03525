import time

from lib_train.pictures.caption_edits import described, edited
from lib_train.pictures.caption_steps import Add, Dedupe, Front, Remove, Sort, Step
from lib_train.pictures.caption_wording import Case, Replace
from lib_train.pictures.tag_line import Shape


def lines(captions, *steps, shape=None, **how):
    return edited(captions, steps, shape or Shape(), **how).captions


def test_steps_follow_each_other_and_each_says_how_many_captions_it_changed():
    steps: list[Step] = [Remove(("solo",)), Dedupe(), Sort(), Add(("mochi",))]
    found = edited(["solo, hat", "hat, HAT", "cat"], steps, Shape())
    assert found.captions == ["mochi, hat", "mochi, hat", "mochi, cat"]
    assert found.counts == [1, 1, 0, 3]
    assert (
        described(steps, found.counts)
        == "removed solo: 1 caption; removed repeated tags: 1 caption; added mochi: 3 captions"
    )


def test_step_that_changes_nothing_says_nothing_and_changes_no_letter():
    odd = "a ,b,,  c , "
    found = edited([odd], [Remove(("x",)), Front(("a",)), Dedupe(), Case("lower"), Replace("y", "z")], Shape())
    assert found == ([odd], [0] * 5)


def test_first_line_alone_is_edited_unless_asked():
    caption = "solo, hat\nsolo, and a sentence"
    assert lines([caption], Remove(("solo",))) == ["hat\nsolo, and a sentence"]
    assert lines([caption], Remove(("solo",)), all_lines=True) == ["hat\nand a sentence"]


def test_line_end_in_what_is_put_in_makes_no_second_line():
    assert lines(["a, b\nsecond"], Replace("b", "x\ny", text=True)) == ["a, x y\nsecond"]
    assert lines(["a, b"], Add(("x\r\ny",), last=True)) == ["a, b, x y"]


def test_frequency_counts_pictures_that_are_not_edited_too():
    assert lines(["b, a"], Sort("frequency")) == ["a, b"]
    assert lines(["a, b"], Sort("frequency"), others=["b", "b"]) == ["b, a"]


def test_5000_captions_are_edited_in_a_tenth_of_a_second():
    captions = [", ".join(f"tag {n % 97 + k * 7}" for k in range(20)) + f", {n}" for n in range(5000)]
    lines(captions[:10], Sort())
    start = time.process_time()
    lines(captions, Add(("mochi",)))
    assert time.process_time() - start < 1  # 0.1 s on a quiet machine
