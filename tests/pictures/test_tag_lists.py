import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from lib_train.pictures import tag_lists
from lib_train.pictures.tag_lists import Listed, TagList, tag_list

LIST = r'''1girl,0,6008644,"1girls,sole_female"
long_hair,0,4350743,"/lh,longhair"
blue_eyes,0,1762765,
saber_(fate),4,17258,"saber_alter_ego"
longhorn,0,34,longcow
masterpiece,5,Quality tag,,
safe,5,2204259
"quoted,name",0,7,"say ""hi"""
never_closed,0,5,"open,also open
,0,9,
'''


def begin(words, content=LIST):
    return [(one.tag, one.alias) for one in TagList(content).beginning(words)]


def test_tags_are_found_by_name_alias_and_a_word_inside_the_most_used_first():
    assert begin("long") == [("long_hair", ""), ("longhorn", "")]
    assert begin("longh") == [("long_hair", "longhair"), ("longhorn", "")]
    assert begin("saf") + begin("sab") == [("safe", ""), ("saber_(fate)", "")]
    assert begin("hair") == [("long_hair", "")]
    assert begin("eyes") == [("blue_eyes", "")]
    assert begin("saber (f") == [("saber_(fate)", "")]
    assert begin("/lh") == [("long_hair", "/lh")]
    assert begin("17") == begin("fem") == []  # neither posts nor words inside aliases


def test_lines_of_other_shapes_give_what_they_have():
    assert begin("master") == [("masterpiece", "")]
    assert begin("quoted") == [("quoted,name", "")]
    assert begin("longc") == [("longhorn", "longcow")]
    assert begin("also") == [("never_closed", "also open")]
    assert list(TagList(LIST).beginning("safe")) == [Listed("safe", 2204259)]


@pytest.mark.parametrize("content", ["", "\n\n", ",,,,", '"', "\x1e\x1f,0,1,", "a\x1fb,0,5,"])
def test_lines_without_a_tag_are_none(content):
    assert begin("a", content) == begin("", LIST) == []


def test_file_that_changed_is_read_anew_and_one_that_cannot_be_read_is_empty(tmp_path):
    file = tmp_path / "tags.csv"
    assert list(tag_list(file).beginning("a")) == []
    file.write_bytes(b"\xef\xbb\xbfabc,0,2,\xff\r\na\0,0,1\n")
    assert list(tag_list(file).beginning("a")) == [Listed("abc", 2)]
    file.write_bytes(b"another,0,3,")
    assert list(tag_list(file).beginning("a")) == [Listed("another", 3)]
    assert list(tag_list(tmp_path).beginning("a")) == []


def test_file_is_read_once_by_those_who_ask_at_once(tmp_path, monkeypatch):
    file, read = tmp_path / "tags.csv", []
    file.write_text("abc,0,2,")

    class Slow(TagList):
        def __init__(self, content):
            read.append(content)
            time.sleep(0.05)
            super().__init__(content)

    monkeypatch.setattr(tag_lists, "TagList", Slow)
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(tag_list, [file] * 4))
    assert read == ["abc,0,2,"]
    assert len(set(found)) == 1
