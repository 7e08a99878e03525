from random import Random

import numpy
import pytest

from lib_train.demo.world import COLOURS, SHAPES, SIDE, Scene, Thing, caption, doodle, draw, random_scene, shape_mask


def test_same_seed_draws_the_same_world():
    one, two = random_scene(Random(3)), random_scene(Random(3))
    assert one == two
    assert draw(one).tobytes() == draw(two).tobytes()
    assert doodle(Random(3)).tobytes() == doodle(Random(3)).tobytes()


@pytest.mark.parametrize("shape", SHAPES)
def test_shape_fills_its_square_and_leaves_some_of_it(shape):
    mask = numpy.asarray(shape_mask(shape, 64)) > 127
    assert 0.15 < mask.mean() < 0.95
    assert max(numpy.ptp(mask.nonzero()[0]), numpy.ptp(mask.nonzero()[1])) > 52


def test_things_have_their_colour_on_their_background():
    picture = draw(Scene("white", (Thing("circle", "red", 0.5, 0.5, 0.3),)))
    assert picture.size == (SIDE, SIDE)
    assert picture.getpixel((64, 64)) == COLOURS["red"]
    assert picture.getpixel((2, 2)) == COLOURS["white"]


def test_caption_names_things_first_then_the_rest():
    thing = Thing("star", "blue", 0.5, 0.5, 0.2, "plain")
    scene = Scene("pink", (thing, thing), "striped", "white", ("two",))
    assert caption(scene) == "blue star, two, striped pink background"


def test_varied_captions_keep_the_thing_and_sometimes_leave_tags_out():
    scene = Scene("pink", (Thing("star", "blue", 0.5, 0.5, 0.2),), tags=("large", "center"))
    varied = {caption(scene, Random(seed)) for seed in range(40)}
    assert all(text.startswith("blue star") for text in varied)
    assert len(varied) > 8


def test_no_thing_has_the_colour_of_what_lies_behind_it():
    rng = Random(0)
    for scene in (random_scene(rng) for _ in range(300)):
        assert {thing.colour for thing in scene.things}.isdisjoint({scene.background, scene.second} - {"white"}) or (
            scene.pattern == "plain" and scene.background not in {thing.colour for thing in scene.things}
        )
