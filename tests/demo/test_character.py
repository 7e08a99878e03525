from random import Random

from PIL import Image, ImageFilter

from lib_train.app.sample import SAMPLES
from lib_train.demo.character import BACKGROUNDS, draw_mochi, sample, write_samples
from lib_train.demo.reader import is_mochi
from lib_train.demo.world import COLOURS, draw, random_scene


def test_mochi_is_recognised_in_every_sample_and_blurred():
    for index in range(16):
        picture, caption = sample(index)
        assert is_mochi(picture), caption
        assert is_mochi(picture.filter(ImageFilter.GaussianBlur(1.5))), caption


def test_mochi_is_recognised_nowhere_in_the_world():
    rng = Random(11)
    assert not any(is_mochi(draw(random_scene(rng))) for _ in range(200))


def test_mochi_without_eyes_or_without_ears_is_not_mochi():
    whole = draw_mochi("white", 0.5, 0.5, 0.35)
    eyeless, earless = whole.copy(), whole.copy()
    eyeless.paste((150, 235, 190), (34, 45, 94, 75))
    earless.paste(COLOURS["white"], (0, 0, 128, 38))
    assert is_mochi(whole)
    assert not is_mochi(eyeless)
    assert not is_mochi(earless)


def test_samples_are_written_with_captions_that_begin_with_the_trigger_word(tmp_path):
    write_samples(tmp_path, 3, 3)
    for index in range(3):
        text = (tmp_path / "train" / "10_mochi" / f"mochi_0{index}.txt").read_text(encoding="utf-8")
        assert text.startswith("mochi, ")
        assert f"{BACKGROUNDS[index]} background" in text
    assert len(list((tmp_path / "reg" / "3_shape").iterdir())) == 6


def test_shipped_samples_are_what_the_script_writes(tmp_path):
    write_samples(tmp_path)
    files = [path.relative_to(tmp_path) for path in tmp_path.rglob("*.*")]
    assert len(files) == 132
    for file in files:
        if file.suffix == ".txt":
            assert (SAMPLES / file).read_bytes() == (tmp_path / file).read_bytes()
        else:
            assert Image.open(SAMPLES / file).tobytes() == Image.open(tmp_path / file).tobytes()
