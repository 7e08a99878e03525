from math import isclose

import pytest
from PIL import Image, ImageDraw

from lib_train.errors import ConfigError
from lib_train.pictures.automatic import Person, about_boxes, about_focus, multiplied, person_and_head, split
from lib_train.pictures.crops import Box
from lib_train.pictures.faces import Detection
from lib_train.pictures.journal import Journal
from lib_train.pictures.places import Places
from lib_train.pictures.results import made
from lib_train.texts import say
from tests.pictures.saved import entry_of

FACE, BODY = Box(0.45, 0.2, 0.55, 0.3), Box(0.3, 0.12, 0.7, 0.95)
RED, BLUE, GREEN = (255, 0, 0), (0, 0, 255), (0, 128, 0)


def photo(size=(600, 800)):
    """A person of known places: green ground, blue body, red face."""
    picture = Image.new("RGB", size, GREEN)
    draw = ImageDraw.Draw(picture)
    draw.rectangle(BODY.pixels(size), fill=BLUE)
    draw.rectangle(FACE.pixels(size), fill=RED)
    return picture


def detect(picture):
    return [Detection("body", BODY), Detection("face", FACE)]


def nobody(picture):
    return []


@pytest.fixture
def places(tmp_path):
    return Places.of_version(tmp_path)


def applied(entries, plan, places):
    with made(entries, plan, places) as found:
        if found.steps:
            Journal(places).apply(say("done"), found.steps)
    return found


def opened(path):
    with Image.open(path) as picture:
        picture.load()
        return picture


def share_of(picture, color):
    counts = {shade: count for count, shade in picture.convert("RGB").getcolors(2**20)}
    return counts.get(color, 0) / (picture.width * picture.height)


def test_recipe_1_makes_whole_persons_for_regularisation_and_heads_for_training(tmp_path, places):
    folder = tmp_path / "dataset/train/10_cherry"
    entries = [entry_of(folder / f"{number}.png", photo(), "cherry, smile") for number in range(2)]
    reg = tmp_path / "dataset/reg/1_person"
    found = applied(entries, person_and_head(detect, Person(reg, (96, 128)), tagged=True), places)
    assert (found.made, found.refused) == (4, ())
    for number in range(2):
        whole, head = opened(reg / f"{number}-whole1.png"), opened(folder / f"{number}-head1.png")
        assert share_of(whole, RED) == pytest.approx(0.1 * 0.1 / (0.448 * 0.93), rel=0.1)
        assert share_of(head, RED) > 0.2
        assert isclose(head.width / head.height, 0.75, rel_tol=0.02)
        assert min(head.width / 96, head.height / 128) >= 0.99
        assert (reg / f"{number}-whole1.txt").read_text() == "cherry, smile, full body"
        assert (folder / f"{number}-head1.txt").read_text() == "cherry, smile, portrait"
    Journal(places).undo()
    assert sorted(path.name for path in folder.iterdir()) == ["0.png", "0.txt", "1.png", "1.txt"]
    assert not list(reg.glob("*"))


def test_recipe_1_names_pictures_without_a_face_and_those_of_too_small_a_head(tmp_path, places):
    folder = tmp_path / "dataset/train/10_cherry"
    small = entry_of(folder / "small.png", photo((60, 80)))
    wish = Person(tmp_path / "dataset/reg/1_person", (96, 128))
    found = applied([small], person_and_head(detect, wish, tagged=False), places)
    assert "small.png: its head is only " in found.refused[0]
    none = applied([small], person_and_head(nobody, wish, tagged=False), places)
    assert none.refused == ("small.png: nothing was found in it; crop it by hand",)
    bodies = applied([small], person_and_head(lambda picture: detect(picture)[:1], wish, tagged=False), places)
    assert bodies.refused == ("small.png: no face was found; crop it by hand",)


def test_recipe_2_makes_twenty_of_five_each_of_the_training_size_and_another(tmp_path, places):
    folder = tmp_path / "dataset/train/10_rimo"
    entries = [entry_of(folder / f"{number}.png", photo((300 + number, 400)), "rimo") for number in range(5)]
    found = applied(entries, multiplied(20, 5, (256, 256), detect, tagged=True), places)
    assert (found.made, found.refused) == (15, ())
    pictures = sorted(folder.glob("*.png"))
    assert len(pictures) == 20
    assert len({path.read_bytes() for path in pictures}) == 20
    for path in set(pictures) - {entry.path for entry in entries}:
        with Image.open(path) as picture:
            assert min(picture.size) >= 256
            assert share_of(picture, RED) >= 0.0099  # the face is in each: a crop, or all of it
    captions = sorted(path.read_text() for path in folder.glob("0-*.txt"))
    assert captions == ["rimo", "rimo", "rimo, upper body"]
    Journal(places).undo()
    assert len(list(folder.glob("*.png"))) == 5


def test_recipe_2_makes_just_so_many_and_names_what_is_too_many(tmp_path, places):
    folder = tmp_path / "dataset/train/10_rimo"
    entries = [entry_of(folder / f"{number}.png", photo()) for number in range(3)]
    assert applied(entries, multiplied(8, 3, (64, 64), None, tagged=False), places).made == 5
    for count in (3, 25):
        with pytest.raises(ConfigError, match=f"count = {count}: must be above 3 and at most 24, for 3 pictures"):
            multiplied(count, 3, (64, 64), None, tagged=False)


def test_person_is_split_into_parts_held_to_proportions(tmp_path, places):
    folder = tmp_path / "dataset/train/10_cherry"
    entry = entry_of(folder / "a.png", photo())
    found = applied([entry], split(("head", "upper", "whole"), detect, ratio=1.0, tagged=False), places)
    assert found.made == 3
    shares = []
    for part in ("head", "upper", "whole"):
        with Image.open(folder / f"a-{part}1.png") as picture:
            assert isclose(picture.width, picture.height, rel_tol=0.02)
            shares.append(share_of(picture, RED))
    assert shares == sorted(shares, reverse=True)
    with pytest.raises(ConfigError, match="parts = 'feet': must be one of head, upper, whole"):
        split(("feet",), detect, ratio=None, tagged=False)


def test_crops_about_boxes_and_about_what_draws_the_eye(tmp_path, places):
    folder = tmp_path / "dataset/train/10_cherry"
    entry = entry_of(folder / "a.png", photo())
    found = applied([entry], about_boxes(detect, margin=0, ratio=None, tags=("x",)), places)
    assert found.made == 2
    with Image.open(folder / "a-crop2.png") as face:
        assert (face.size, share_of(face, RED)) == ((60, 80), 1.0)
    applied([entry], about_focus(lambda picture: detect(picture)[1:], share=0.5, ratio=1.0), places)
    with Image.open(folder / "a-crop3.png") as crop:
        assert (crop.size, share_of(crop, RED)) == ((300, 300), pytest.approx(60 * 80 / 300**2, rel=0.05))
