import pytest

from lib_train.pictures.emoticons import EMOTICONS, spaced, underscored


@pytest.mark.parametrize("face", sorted(EMOTICONS) + [r"\(o\)_\(o\)", "T_T", "O_O"])
def test_face_keeps_its_underscore(face):
    assert spaced(face) == face
    assert underscored(face) == face


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("blue_eyes", "blue eyes"),
        (r"saber_\(fate\)", r"saber \(fate\)"),
        ("a__b_", "a b"),
        ("two  spaces", "two  spaces"),
    ],
)
def test_underscores_become_spaces(tag, expected):
    assert spaced(tag) == expected


def test_spaces_become_underscores():
    assert underscored("looking at viewer") == "looking_at_viewer"
