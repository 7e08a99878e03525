"""Several pictures of one checkpoint as one that is clear at the size of a card: no margins, no letters."""

from collections.abc import Sequence

from PIL import Image, ImageOps

SIZE = 512, 768
"""Of the picture; the WebUI's cards are of this shape."""
_LAYOUTS = ((1, 1), (1, 2), (2, 2), (2, 3))
"""Columns and rows, the fewest cells first: in smaller cells nothing can be made out."""
MOST = 6


def card_picture(pictures: Sequence[Image.Image]) -> Image.Image:
    """As many of the pictures as there is room for, in the order of reading; each is cut to the shape of its cell.

    Where they are more, they are taken at even distances, the first and the last among them.

    >>> [card_picture([Image.new("RGB", (8, 8), "red")] * many).size for many in (1, 3, 9)]
    [(512, 768), (512, 768), (512, 768)]
    """
    across, down = [layout for layout in _LAYOUTS if layout[0] * layout[1] <= len(pictures)][-1]
    taken, cell = spread(pictures, across * down), (SIZE[0] // across, SIZE[1] // down)
    made = Image.new("RGB", SIZE)
    for place, picture in enumerate(taken):
        fitted = ImageOps.fit(picture.convert("RGB"), cell)
        made.paste(fitted, (place % across * cell[0], place // across * cell[1]))
    return made


def spread(pictures: Sequence[Image.Image], most: int) -> list[Image.Image]:
    """At most so many of them, the first and the last among them where there is room for two."""
    if len(pictures) <= most:
        return list(pictures)
    return [pictures[round(place * (len(pictures) - 1) / max(1, most - 1))] for place in range(most)]
