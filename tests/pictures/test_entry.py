from pathlib import Path

from lib_train.pictures.entry import Entry
from lib_train.pictures.places import Places


def test_tags_are_those_of_the_first_line_which_alone_is_trained():
    entry = Entry(id=1, path=Path("a.png"), folder="10_cat", repeats=10, caption=" cat, , long  hair,hat \nnot this")
    assert (entry.line, entry.tags()) == ("cat, , long  hair,hat", ["cat", "long  hair", "hat"])
    assert entry.tags(" ") == ["cat,", ",", "long", "hair,hat"]


def test_what_lies_beside_a_plain_folder_s_pictures_is_hidden_from_trainers(tmp_path):
    places = Places.of_folder(tmp_path)
    beside = (places.journal, places.left_out, places.masks, places.origin, places.undone, places.cache)
    assert {path.relative_to(tmp_path).parts[0] for path in beside} == {".train_tools"}
    assert len(set(beside)) == 6
