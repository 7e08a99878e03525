import os

import pytest

from lib_train.names import child, composed, is_picture, left_behind, out_of_sight

NFC, NFD = "caf\u00e9", "cafe\u0301"


@pytest.mark.parametrize(
    "name", ["__MACOSX", "._a.png", ".DS_Store", "Thumbs.db", "desktop.ini", "@eaDir", "lost+found"]
)
def test_what_systems_make_is_told_from_what_people_make(name):
    assert left_behind(name)
    assert out_of_sight(name)


def test_what_people_hide_is_not_left_behind():
    assert [left_behind(name) for name in (".hidden.png", "a.png", "MACOSX", "_a.png")] == [False] * 4
    assert [out_of_sight(name) for name in (".hidden.png", "a.png", "_a.png")] == [True, False, False]


def test_picture_is_told_by_its_ending_in_any_case():
    names = ("a.PNG", "a.jpeg", "a.avif", "a.b.webp", "a.png.txt", ".png", "png", "a.gif", "a.png ")
    assert [is_picture(name) for name in names] == [True] * 4 + [False] * 5


@pytest.mark.parametrize(("there", "asked"), [(NFC, NFD), (NFD, NFC), (NFC, NFC), (NFD, NFD)])
def test_child_is_found_in_whatever_unicode_form(tmp_path, there, asked):
    (tmp_path / there).touch()
    assert child(tmp_path, asked) == tmp_path / there


def test_of_two_forms_the_same_one_is_found_and_a_new_one_is_composed(tmp_path):
    for name in (NFC, NFD):
        (tmp_path / name).touch()
    assert [child(tmp_path, name).name for name in (NFC, NFD)] == [NFC, NFD]
    assert child(tmp_path, "re\u0301ne").name == "r\u00e9ne"
    assert child(tmp_path / "missing", NFD).name == NFC
    assert composed("a") == "a"


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_names_that_are_no_text_do_no_harm(tmp_path):
    (tmp_path / "caf\udce9").touch()
    assert child(tmp_path, "caf\udce9") == tmp_path / "caf\udce9"
    assert child(tmp_path, NFC).name == NFC
