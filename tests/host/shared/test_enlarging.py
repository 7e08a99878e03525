import pytest
from PIL import Image

from lib_train.host.shared.enlarging import enlarged


@pytest.mark.parametrize(("mode", "comes"), [("RGB", "RGB"), ("RGBA", "RGBA"), ("L", "RGB"), ("P", "RGB")])
def test_mode_is_kept_where_it_has_transparency(mode, comes):
    found = enlarged(Image.new(mode, (7, 5)), 1.5, lambda small: small.resize((30, 30)))
    assert (found.mode, found.size) == (comes, (10, 8))


def test_transparency_is_enlarged_without_the_upscaler():
    picture = Image.new("RGBA", (8, 8), (9, 9, 9, 0))
    picture.paste((9, 9, 9, 255), (4, 0, 8, 8))
    found = enlarged(picture, 2, lambda small: Image.new("RGB", (16, 16), "red"))
    assert [found.getpixel((x, 8)) for x in (1, 14)] == [(255, 0, 0, 0), (255, 0, 0, 255)]
