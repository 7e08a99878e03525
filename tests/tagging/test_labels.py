import json

import pytest

from lib_train.errors import ModelFileError
from lib_train.tagging.labels import read_selected_tags, read_tag_mapping, read_top_tags, require_as_many
from lib_train.tagging.tagger import Label
from tests.tiny_taggers import write_selected_tags


def test_category_of_a_tag_is_its_column_wherever_the_row_stands(tmp_path):
    tags = [("saber", 4), ("solo", 0), ("explicit", 9), ("fate", 3), ("commentary", 5), ("someone", 1), ("hat", 0)]
    found = read_selected_tags(write_selected_tags(tmp_path, tags))
    assert [label.category for label in found] == [
        "character", "general", "rating", "copyright", "meta", "artist", "general"
    ]  # fmt: skip
    assert [label.name for label in found] == [name for name, _ in tags]


def test_columns_may_stand_in_any_order_and_names_hold_commas_and_quotes(tmp_path):
    path = tmp_path / "selected_tags.csv"
    path.write_bytes('\ufeffcategory,count,name\r\n0,5,"a,_b"\r\n4,3,"""x"""\r\n'.encode())
    assert read_selected_tags(path) == [Label("a,_b", "general"), Label('"x"', "character")]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it has no column category"),
        (b"tag_id,name\n1,a\n", "it has no column category"),
        (b"tag_id,name,category\n1,a,0\n2,b,7\n", "line 3: category '7' is not known"),
        (b"tag_id,name,category\n1,a\n", "line 2: category '' is not known"),
        (b"tag_id,name,category\n", "it is empty"),
        (b"\xff\xfe\x00", "utf-8"),
    ],
)
def test_table_that_is_none_is_named_with_the_line(tmp_path, content, why):
    path = tmp_path / "selected_tags.csv"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match="cannot be read as the list of a tagger's tags") as error:
        read_selected_tags(path)
    assert str(path) in str(error.value)
    assert why in str(error.value)


def test_mapping_is_sorted_by_its_numbers(tmp_path):
    path = tmp_path / "tag_mapping.json"
    found = {"1": {"tag": "saber", "category": "Character"}, "0": {"tag": "best", "category": "Quality"}}
    path.write_text(json.dumps(found))
    assert read_tag_mapping(path) == [Label("best", "quality"), Label("saber", "character")]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("[]", "it holds no object"),
        ("{}", "it is empty"),
        ('{"0": {"tag": "a", "category": "General"}, "2": {"tag": "b", "category": "General"}}', "number 1"),
        ('{"0": {"tag": "a", "category": "Weather"}}', "category 'weather' is not known"),
        ('{"0": {"tag": "a"}}', "category"),
        ('{"a": {"tag": "a", "category": "General"}}', "invalid literal"),
        ('{"0": 3}', "subscriptable"),
        ("{", "Expecting"),
    ],
)
def test_mapping_that_is_none_is_named(tmp_path, content, why):
    path = tmp_path / "tag_mapping.json"
    path.write_text(content)
    with pytest.raises(ModelFileError, match=why):
        read_tag_mapping(path)


def test_lines_are_general_tags(tmp_path):
    path = tmp_path / "top_tags.txt"
    path.write_text("1girl\nblue_hair\n\n")
    assert read_top_tags(path) == [Label("1girl", "general"), Label("blue_hair", "general")]
    with pytest.raises(ModelFileError, match="No such file"):
        read_top_tags(tmp_path / "nowhere.txt")


def test_list_of_another_model_is_refused(tmp_path):
    with pytest.raises(ModelFileError, match=r"holds 1 tags, and the model beside it knows 2: take both"):
        require_as_many([Label("a", "general")], 2, tmp_path / "selected_tags.csv")
