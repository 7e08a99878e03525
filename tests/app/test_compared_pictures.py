from pathlib import Path

from lib_train.app.compared_pictures import differences, pictures_compared
from lib_train.pictures.entry import Entry


def entry(number, name="a.png", folder="5_cat", content="x", caption="cat", **more):
    return Entry(id=number, path=Path(folder, name), folder=folder, repeats=5, content=content, caption=caption, **more)


def test_pictures_are_told_by_content_wherever_they_lie():
    first = [entry(1, "same.png", content="1"), entry(2, "edited.png", content="2"), entry(3, "gone.png", content="3"),
             entry(4, "moved.png", content="4"), entry(5, "renamed.png", content="5")]  # fmt: skip
    second = [entry(11, "same.png", content="1"), entry(12, "edited.png", content="22"),
              entry(13, "new.png", content="6"), entry(14, "moved.png", "9_other", content="4"),
              entry(15, "other name.png", content="5")]  # fmt: skip
    pictures, captions, _ = pictures_compared(first, second, ",", 10)
    assert (pictures["same"], pictures["changed"], pictures["only"]) == (3, 1, [1, 1])
    assert pictures["changed_pictures"] == [{"ids": [2, 12], "name": "edited.png", "folder": "5_cat"}]
    assert [[one["name"] for one in some] for some in pictures["only_pictures"]] == [["gone.png"], ["new.png"]]
    assert captions == {"same": 4, "changed": 0, "rows": []}
    assert pictures["sets"] == [
        {"folder": "5_cat", "reg": False, "of": [{"pictures": 5, "repeats": 5}, {"pictures": 4, "repeats": 5}]},
        {"folder": "9_other", "reg": False, "of": [None, {"pictures": 1, "repeats": 5}]},
    ]


def test_captions_differ_in_their_first_line_alone():
    first = [entry(1, caption="cat, hat\nold"), entry(2, "b.png", caption="cat")]
    second = [entry(11, caption="cat, hat\nnew"), entry(12, "b.png", caption="cat, hat")]
    (row,) = pictures_compared(first, second, ",", 10)[1]["rows"]
    assert (row["ids"], row["captions"]) == ([2, 12], ["cat", "cat, hat"])
    assert row["parts"] == [{"kind": "same", "text": "cat"}, {"kind": "new", "text": "hat"}]


def test_lists_end_where_they_should_and_their_numbers_are_whole():
    first = [entry(number, f"{number}.png", content=f"{number}", caption="a") for number in range(30)]
    second = [entry(number, f"{number}.png", content=f"{number}x", caption="b") for number in range(20)]
    pictures, captions, _ = pictures_compared(first, second, ",", 5)
    assert (pictures["changed"], len(pictures["changed_pictures"])) == (20, 5)
    assert (pictures["only"], len(pictures["only_pictures"][0])) == ([10, 0], 5)
    assert (captions["changed"], len(captions["rows"])) == (20, 5)


def test_tags_are_ordered_by_how_much_their_shares_differ():
    first = [entry(number, f"{number}.png", content=f"{number}", caption="cat, hat, hat") for number in range(4)]
    second = [entry(number, f"{number}.png", content=f"{number}", caption="cat, smile") for number in range(2)]
    second[0] = entry(0, "0.png", content="0", caption="cat, hat, smile")
    tags = pictures_compared(first, second, ",", 5)[2]
    assert tags == [{"tag": "smile", "counts": [0, 2]}, {"tag": "hat", "counts": [4, 1]}]


def test_parts_of_both_captions_come_back_whatever_they_are():
    for before, after in (
        ("", ""),
        ("a", ""),
        ("", "b, c"),
        ("a, b, c", "c, a, b"),
        ("one two", "one, two"),
        (",,", "a"),
    ):
        parts = differences(before, after)
        mark = "," if "," in before + after else None
        for text, kind in ((before, "gone"), (after, "new")):
            wanted = [part.strip() for part in text.split(mark) if part.strip()]
            assert [part for one, part in parts if one in ("same", kind)] == wanted
