"""Raw drawings as the course begins with: of the sample character, without captions."""

from lib_train.demo.character import BACKGROUNDS, draw_mochi

COUNT, REPEATS = 15, 15
"""Pictures, and repeats, of which the course gives 15 to 30 to drawings."""


def drawings(folder):
    """Of the training's size, but for one; and one that is there twice."""
    inside = folder / "1_mochi"
    inside.mkdir(parents=True)
    for number in range(COUNT):
        side = 512 if number else 256
        place = 0.42 + 0.04 * (number % 5), 0.42 + 0.04 * (number // 5)
        background = BACKGROUNDS[number % len(BACKGROUNDS)]
        draw_mochi(background, *place, 0.2 + 0.012 * number, side).save(inside / f"{number:02}.png")
    draw_mochi(BACKGROUNDS[1], 0.46, 0.42, 0.212, 512).save(inside / "twice.png")
    return folder
