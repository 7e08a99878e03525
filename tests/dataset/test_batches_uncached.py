"""Pictures that are read anew in each epoch, without kept latents."""

from PIL import Image

from lib_train.dataset.batches import Batches
from lib_train.pictures.scan import scan
from tests.dataset.test_caches_and_batches import Encoder, config


def batch_of_one(tmp_path, picture, **settings):
    """What reaches the VAE of a picture that is used once without kept latents, as levels."""
    (tmp_path / "1_x").mkdir()
    picture.save(tmp_path / "1_x" / "a.png")
    dataset = config(tmp_path, cache_latents=False, **settings)
    seen = []

    def encode(pixels):
        seen.append(pixels[0])
        return Encoder()(pixels)

    made = Batches(scan(dataset), dataset, batch_size=1, seed=3, encode_images=encode)
    for epoch in range(1, 13):
        made.batch(made.epoch(epoch)[0], epoch)
    return [tuple(((pixels[:, 0, 0] + 1) * 127.5).round().int().tolist()) for pixels in seen]


def test_transparent_picture_without_kept_latents_lies_on_the_chosen_colour(tmp_path):
    picture = Image.new("RGBA", (64, 64), (9, 9, 9, 0))
    assert set(batch_of_one(tmp_path, picture, alpha_color="#ff8000")) == {(255, 128, 0)}


def test_colours_vary_from_use_to_use_when_asked(tmp_path):
    """One use in three is changed, in one of two ways."""
    picture = Image.new("RGB", (64, 64), (200, 80, 40))
    found = batch_of_one(tmp_path, picture, color_aug=True)
    assert 3 < found.count((200, 80, 40)) < 12
    assert len(set(found)) > 2
    assert all(abs(one - other) < 30 for level in found for one, other in zip(level, (200, 80, 40), strict=True))
