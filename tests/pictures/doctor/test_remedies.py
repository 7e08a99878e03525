import pytest

from lib_train.config.dataset import DatasetConfig
from lib_train.pictures.doctor.case import Case
from lib_train.pictures.doctor.examine import examine
from lib_train.pictures.doctor.remedies import MENDING, mended
from tests.pictures.doctor.cases import entry

OTHERS = [entry(number, "mochi, hat") for number in range(50, 54)]


def mend(remedy, *captions, **settings):
    entries = [entry(number, caption) for number, caption in enumerate(captions, start=1)]
    case = Case(entries=[*entries, *OTHERS], config=DatasetConfig(**settings))
    return {one.entry.id: one.after for each in mended(remedy, case, entries) for one in each.new}


@pytest.mark.parametrize(
    ("caption", "settings", "after"),
    [
        ("mochi, hat, blue_eyes, hat, Blue Eyes", {}, "mochi, hat, blue_eyes"),
        ("mochi,hat,hat", {}, "mochi,hat"),
        ("mochi, hat, drawing", {"caption_prefix": "mochi", "caption_suffix": "drawing, sea"}, "hat"),
        ("mochi; hat; hat", {"caption_separator": ";"}, "mochi; hat"),
        ("mochi, hat, hat\nhat, hat", {}, "mochi, hat\nhat, hat"),
    ],
)
def test_tags_that_are_there_twice_are_removed(caption, settings, after):
    assert mend("dedupe", caption, **settings) == {1: after}


def test_trigger_word_is_put_first_as_the_others_write_it():
    assert mend("add_trigger", "hat, sea", "", "mochi, sea") == {1: "mochi, hat, sea", 2: "mochi"}


@pytest.mark.parametrize(
    ("caption", "after"),
    [
        ("mochi, (hat:1.3), <lora:x:1>, sea", "mochi, hat, sea"),
        ("mochi, ((ears:1.1) up:0.9)", "mochi, ears up"),
        (r"mochi, saber \(fate\)", "mochi, saber (fate)"),
        ("<lora:x:1>", ""),
    ],
)
def test_weights_networks_and_backslashes_are_taken_out(caption, after):
    assert mend("plain", caption) == {1: after}


def test_caption_in_the_wrong_encoding_is_read_anew():
    mojibake = "mochi, \u65e5\u672c\u8a9e".encode().decode("latin-1").encode("latin-1").decode("cp1252", "replace")
    assert mend("recode", "mochi, caf\u00c3\u00a9", mojibake)[1] == "mochi, caf\u00e9"


def test_caption_that_needs_nothing_is_left():
    assert [mend(remedy, "mochi, hat, sea") for remedy in MENDING] == [{}] * len(MENDING)


@pytest.mark.parametrize(
    ("remedy", "caption"),
    [
        ("dedupe", "mochi, hat, hat"), ("add_trigger", "hat"), ("plain", "mochi, (hat:1.3)"),
        ("plain", r"mochi, saber \(fate\)"), ("recode", "mochi, caf\u00c3\u00a9"),
    ],
)  # fmt: skip
def test_finding_is_gone_after_its_remedy(remedy, caption):
    def codes(text):
        found = examine(Case(entries=[*OTHERS, entry(1, text)], config=DatasetConfig()))
        return {one.code for one in found if remedy in one.remedies}

    assert codes(caption)
    assert codes(mend(remedy, caption)[1]) == set()


def test_what_was_done_is_said_with_its_count():
    entries = [entry(1, "hat, hat"), entry(2, "mochi, mochi"), entry(3, "sea"), entry(4, "cat", folder="5_cat"),
               entry(5, "sea", folder="5_cat")]  # fmt: skip
    case = Case(entries=[*entries, *OTHERS], config=DatasetConfig())
    assert [each.label for each in mended("dedupe", case, entries)] == ["removed repeated tags: 2 captions"]
    assert [each.label for each in mended("add_trigger", case, entries)] == [
        "added mochi: 2 captions", "added cat: 1 caption",
    ]  # fmt: skip
