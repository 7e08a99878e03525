import numpy
from PIL import Image

from benchmarks.objective import BACKDROPS, RUNS, shows_backdrop, write_backdrop_set
from lib_train.config.codec import config_of
from lib_train.demo.character import draw_mochi
from lib_train.demo.reader import is_mochi
from lib_train.demo.world import draw
from lib_train.jobs.masks import with_masks
from lib_train.pictures.scan import scan


def test_set_shows_the_character_on_a_backdrop_that_its_masks_leave_out(tmp_path):
    write_backdrop_set(tmp_path, count=3)
    config = config_of({"train_data_dir": [str(tmp_path)], "masked_loss": True})
    pictures = with_masks(scan(config.dataset), config, None).pictures
    assert len(pictures) == 3
    for one, scene in zip(pictures, BACKDROPS, strict=False):
        backdrop = numpy.asarray(draw(scene)).astype(int)
        assert one.mask is not None
        with Image.open(one.path) as picture, Image.open(one.mask) as mask:
            assert is_mochi(picture)
            assert shows_backdrop(picture)
            outside = numpy.asarray(mask) == 0
            assert 0.4 < outside.mean() < 0.9
            assert (numpy.asarray(picture).astype(int) == backdrop)[outside].all()


def test_character_on_a_plain_background_shows_no_backdrop():
    for colour in ("green", "orange", "black"):
        assert not shows_backdrop(draw_mochi(colour, 0.5, 0.5, 0.33))


def test_settings_of_every_run_can_be_used():
    for settings in RUNS.values():
        config_of(settings)
