import pytest

from lib_train.config.dataset import DatasetConfig
from tests.pictures.doctor.cases import entry, found


def tagged(*captions, **facts):
    return [entry(number, caption, **facts) for number, caption in enumerate(captions, start=1)]


@pytest.mark.parametrize(
    ("folder", "captions", "lacking"),
    [
        ("10_mochi", ["mochi, hat", "hat, mochi", "hat, blue eyes"], (3,)),
        ("10_mochi", ["Mochi, hat", "MOCHI", "hat, blue eyes"], (3,)),
        ("10_blue_cat", ["blue_cat, hat", "hat, ball"], (2,)),
        ("10_set", ["ohwx cat, hat", "ohwx cat, ball", "ohwx cat, sea", "ball, sea"], (4,)),
        ("10_set", ["ohwx, hat", "ohwx, ball", "sea, hat", "ball, sea"], ()),  # half of them: nobody can tell
        ("10_set", ["1girl, hat", "1girl, ball", "1girl, sea", "solo, sea"], ()),
        ("10_mochi", ["mochi, hat", "a drawing of mochi. it sits", "a drawing of mochis"], (3,)),
        ("10_mochi", ["hat", "ball"], ()),
        ("10_mochi", ["mochi", "", " , ,", '{"a": 1}', "hat"], (5,)),
    ],
)
def test_captions_without_the_trigger_word_are_told(folder, captions, lacking):
    one = found(*tagged(*captions, folder=folder)).get("no_trigger")
    assert (one.ids if one else ()) == lacking
    if one:
        assert one.remedies == ("add_trigger",)


def test_each_folder_has_its_own_trigger_word():
    cats = [entry(n, caption, folder="10_cat") for n, caption in ((1, "cat, hat"), (2, "cat, hat"), (3, "dog, hat"))]
    dogs = [entry(n, caption, folder="5_dog") for n, caption in ((4, "dog, hat"), (5, "cat, hat"))]
    one = found(*cats, *dogs)["no_trigger"]
    assert one.details == {3: "trigger word cat", 5: "trigger word dog"}


def test_trigger_word_that_somebody_has_chosen_comes_before_what_the_captions_tell():
    entries = tagged("ohwx, mochi, hat", "mochi, hat", "mochi, ball", folder="10_mochi")
    one = found(*entries, triggers={"10_mochi": "ohwx", "5_dog": "dog"})["no_trigger"]
    assert one.details == {2: "trigger word ohwx", 3: "trigger word ohwx"}


def test_prefix_of_the_settings_is_every_captions_trigger_word():
    entries = tagged("mochi, hat", "mochi, hat", "hat")
    assert "no_trigger" not in found(*entries, config=DatasetConfig(caption_prefix="ohwx"))


def test_class_pictures_and_those_without_captions_need_no_trigger_word():
    more = entry(8, "hat", is_reg=True), entry(9, None)
    assert "no_trigger" not in found(*tagged("mochi, hat", "mochi, hat"), *more)


def test_tag_twice_is_told_in_whatever_spelling():
    one = found(*tagged("mochi, hat", "mochi, blue eyes, hat, Blue_Eyes", "mochi, mochi, hat, hat"))["tag_twice"]
    assert one.details == {2: "blue eyes", 3: "mochi, hat"}
    assert one.remedies == ("dedupe",)


def test_tag_that_the_settings_add_is_there_twice():
    config = DatasetConfig(caption_prefix="mochi,", caption_suffix="drawing")
    one = found(*tagged("mochi, hat", "hat", "hat, drawing"), config=config)["tag_twice"]
    assert one.details == {1: "mochi", 3: "drawing"}


def test_tags_that_the_settings_add_are_told_first_and_from_a_to_z():
    config = DatasetConfig(caption_prefix="sea, mochi, ball", caption_suffix="apple")
    one = found(*tagged("hat, sea, hat, mochi, mochi, apple, ball"), config=config)["tag_twice"]
    assert one.details == {1: "apple, ball, mochi, sea, hat"}


def test_tags_that_occur_once_are_told_in_a_set_of_some_size():
    captions = ["mochi, hat", "mochi, hat", "mochi, hat, bal", "mochi, hat", "mochi, hat, aple, sea"]
    one = found(*tagged(*captions))["rare_tag"]
    assert (one.severity, one.details) == ("note", {3: "bal", 5: "aple, sea"})
    assert one.text == "tags that occur once: 3, such as bal in 03.png"
    assert "rare_tag" not in found(*tagged(*captions[1:]))


def test_sentences_are_no_tags_that_occur_once():
    assert found(*tagged(*(f"mochi, it sits in front of house number {n}" for n in range(6)))) == {}


@pytest.mark.parametrize(
    ("tags", "against"),
    [
        ("1girl, solo, 2girls", "1girl, 2girls, solo"),
        ("solo, multiple boys", "multiple boys, solo"),
        ("2girls, multiple girls", ""),
        ("1girl, 1boy, solo", "1boy, 1girl, solo"),
        ("1girl, 1boy", ""),
        ("no humans, 1girl", "1girl, no humans"),
        ("no humans, solo", ""),
        ("blonde_hair, black hair", "black hair, blonde hair"),
        ("blonde hair, blond hair", ""),
        ("grey hair, silver hair", ""),
        ("blonde hair, black hair, two-tone hair", ""),
        ("2girls, blonde hair, black hair", ""),
        ("1girl, 1boy, blonde hair, black hair", ""),
        ("blue eyes, red eyes", "blue eyes, red eyes"),
        ("blue eyes, red eyes, heterochromia", ""),
        ("blue eyes, blue hair", ""),
        ("long hair, short hair", "long hair, short hair"),
        ("long hair, very long hair", ""),
        ("full body, portrait", "full body, portrait"),
        ("from above, from below", "from above, from below"),
        ("indoors, outdoors", "indoors, outdoors"),
        ("day, night", "day, night"),
        ("open mouth, closed mouth", "closed mouth, open mouth"),
        ("standing, sitting", "sitting, standing"),
    ],
)
def test_tags_that_contradict_each_other_are_told(tags, against):
    one = found(*tagged("mochi", f"mochi, {tags}")).get("conflicting_tags")
    assert (one.details[2] if one else "") == against


def test_tags_are_split_as_the_settings_say():
    config = DatasetConfig(caption_separator=";", keep_tokens_separator="|||")
    one = found(*tagged("mochi ||| blue eyes; red eyes", "mochi ||| hat, long; hat"), config=config)
    assert one["conflicting_tags"].ids == (1,)
    assert set(one) == {"conflicting_tags"}
