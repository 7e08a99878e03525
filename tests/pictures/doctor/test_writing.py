from lib_train.config.dataset import DatasetConfig
from tests.pictures.doctor.cases import entry, found, several


def test_each_kind_of_caption_that_is_not_as_it_should_be_is_told():
    told = found(
        *several(4), entry(1, None), entry(2, ""), entry(3, " , ,"), entry(4, '{"tags": "mochi"}'),
        entry(5, "mochi, (hat:1.3)"), entry(6, r"mochi, saber \(fate\)"), entry(7, "mochi\nand more"),
        entry(8, "mochi, caf\u00c3\u00a9"), entry(9, caption_problem="09.txt cannot be read"),
    )  # fmt: skip
    ids = {code: one.ids for code, one in told.items() if code not in ("rare_tag", "no_trigger")}
    assert ids == {
        "unreadable_caption": (9,), "no_caption": (1,), "empty_caption": (2,), "only_separators": (3,), "json": (4,),
        "weights": (5,), "encoding": (8,), "several_lines": (7,), "escapes": (6,),
    }  # fmt: skip
    assert told["unreadable_caption"].details == {9: "09.txt cannot be read"}
    assert told["encoding"].text == (
        "captions that may be in another encoding: 1, such as that of 08.png, which reads 'mochi, caf\u00e9' in UTF-8: "
        "save it as UTF-8"
    )
    assert (
        told["no_caption"].text
        == "pictures without a caption file, which get the name of their folder: 1, such as 01.png"
    )
    assert list(told)[0] == "unreadable_caption"


def test_class_picture_needs_no_caption_file():
    assert found(*several(3), *several(2, is_reg=True, caption=None)) == {}


def test_captions_over_the_limit_are_told_with_the_tokens_that_are_cut():
    entries = [*several(3, tokens=75), entry(1, tokens=76), entry(2, tokens=90)]
    one = found(*entries, max_tokens=75)["too_long"]
    assert one.ids == (2, 1)
    assert one.text == (
        "captions longer than max_token_length = 75, whose end is cut off: 2, longest that of 02.png with 90 tokens; "
        "shorten them, or set max_token_length to 150"
    )
    assert one.details == {2: "90 tokens, 15 cut off", 1: "76 tokens, 1 cut off"}
    assert found(*entries, max_tokens=150) == {}
    assert found(*entries) == {}


def test_tokens_that_the_settings_add_count_too():
    assert found(entry(1, tokens=70), max_tokens=75, around=10)["too_long"].details == {1: "80 tokens, 5 cut off"}
    assert found(entry(1, tokens=70), max_tokens=75, around=5) == {}
    assert found(entry(1, tokens=None), max_tokens=75, around=99) == {}


def test_pictures_that_share_a_caption_are_told_together():
    one = found(*several(3), entry(1, name="a.png"), entry(2, name="a.jpg"))["shared_caption"]
    assert one.ids == (1, 2)


def test_separator_of_the_settings_decides_what_says_nothing():
    config = DatasetConfig(caption_separator="/")
    assert found(*several(3), entry(1, "/ /"), config=config)["only_separators"].ids == (1,)
    assert "only_separators" not in found(*several(3), entry(1, "/ /"))
