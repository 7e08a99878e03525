"""The drawn world that the embedded model has learned: coloured shapes on backgrounds, with tag captions.

Everything is drawn from a ``random.Random``, so a seed gives the same pictures everywhere.
"""

import math
from dataclasses import dataclass
from random import Random

from PIL import Image, ImageChops, ImageDraw

SIDE = 128
"""Native side of the world's pictures, in pixels."""
_SMOOTH = 4  # shapes are drawn this many times larger and then reduced, for smooth edges

COLOURS = {
    "red": (220, 40, 40),
    "orange": (245, 140, 30),
    "yellow": (245, 215, 40),
    "green": (45, 160, 70),
    "cyan": (60, 200, 220),
    "blue": (45, 85, 210),
    "purple": (130, 60, 180),
    "pink": (245, 130, 180),
    "brown": (125, 75, 40),
    "black": (25, 25, 25),
    "white": (250, 250, 250),
    "gray": (140, 140, 140),
}
SHAPES = ("circle", "square", "triangle", "star", "heart", "diamond", "cross", "ring", "moon", "hexagon")
_SOLID = ("circle", "square", "triangle", "heart", "diamond", "hexagon")
FILLS = ("plain", "outlined", "dotted")
"""How a thing is filled; only the solid shapes are outlined or dotted."""
PATTERNS = ("plain", "striped", "checkered", "gradient")
SIZES = {"small": (0.13, 0.17), "medium": (0.21, 0.27), "large": (0.31, 0.37)}
"""Half the side of a thing, as a share of the picture's side."""
PLACES = {"center": (0.5, 0.5), "left": (0.3, 0.5), "right": (0.7, 0.5), "top": (0.5, 0.3), "bottom": (0.5, 0.7)}
_COUNTS = {2: "two", 3: "three", 4: "four"}
_SPOTS = {
    2: ((0.28, 0.5), (0.72, 0.5)),
    3: ((0.28, 0.3), (0.72, 0.3), (0.5, 0.72)),
    4: ((0.28, 0.28), (0.72, 0.28), (0.28, 0.72), (0.72, 0.72)),
}
Rgb = tuple[int, int, int]


@dataclass(frozen=True)
class Thing:
    """One coloured shape. ``x``, ``y`` and ``half`` are shares of the picture's side."""

    shape: str
    colour: str
    x: float
    y: float
    half: float
    fill: str = "plain"


@dataclass(frozen=True)
class Scene:
    """A background and the things on it, back to front; ``tags`` describe what the things alone do not say."""

    background: str
    things: tuple[Thing, ...]
    pattern: str = "plain"
    second: str = "white"
    tags: tuple[str, ...] = ()


def shape_mask(shape: str, side: int) -> Image.Image:
    """The shape filling a square of ``side`` pixels: mode L, 255 inside."""
    big = side * _SMOOTH
    mask = Image.new("L", (big, big), 0)
    draw = ImageDraw.Draw(mask)

    def ellipse(left: float, top: float, right: float, bottom: float, value: int = 255) -> None:
        draw.ellipse((left * big, top * big, right * big - 1, bottom * big - 1), fill=value)

    def polygon(points: list[tuple[float, float]]) -> None:
        draw.polygon([(x * big, y * big) for x, y in points], fill=255)

    if shape == "circle":
        ellipse(0, 0, 1, 1)
    elif shape == "ring":
        ellipse(0, 0, 1, 1)
        ellipse(0.28, 0.28, 0.72, 0.72, 0)
    elif shape == "moon":
        ellipse(0, 0, 1, 1)
        ellipse(0.36, -0.08, 1.24, 0.8, 0)
    elif shape == "heart":
        ellipse(0, 0.04, 0.54, 0.58)
        ellipse(0.46, 0.04, 1, 0.58)
        polygon([(0.045, 0.44), (0.955, 0.44), (0.5, 1)])
    else:
        polygon(_corners(shape))
    return mask.resize((side, side), Image.LANCZOS)


def _corners(shape: str) -> list[tuple[float, float]]:
    if shape == "square":
        return [(0.06, 0.06), (0.94, 0.06), (0.94, 0.94), (0.06, 0.94)]
    if shape == "triangle":
        return [(0.5, 0.02), (1, 0.95), (0, 0.95)]
    if shape == "diamond":
        return [(0.5, 0), (0.86, 0.5), (0.5, 1), (0.14, 0.5)]
    if shape == "cross":
        a, b = 0.32, 0.68
        return [(a, 0), (b, 0), (b, a), (1, a), (1, b), (b, b), (b, 1), (a, 1), (a, b), (0, b), (0, a), (a, a)]
    if shape == "hexagon":
        return [(0.5 + 0.5 * math.cos(k * math.pi / 3), 0.5 + 0.5 * math.sin(k * math.pi / 3)) for k in range(6)]
    if shape == "star":
        radii = [0.54 if k % 2 == 0 else 0.22 for k in range(10)]
        turns = [k * math.pi / 5 - math.pi / 2 for k in range(10)]
        return [(0.5 + r * math.cos(t), 0.53 + r * math.sin(t)) for r, t in zip(radii, turns, strict=True)]
    raise AssertionError(f"no such shape: {shape}")


def draw(scene: Scene, side: int = SIDE) -> Image.Image:
    """The scene as an RGB picture of ``side`` x ``side`` pixels."""
    picture = _background(scene, side)
    for thing in scene.things:
        _put(picture, thing)
    return picture


def _put(picture: Image.Image, thing: Thing) -> None:
    side = picture.width
    size = max(4, round(2 * thing.half * side))
    mask = shape_mask(thing.shape, size)
    corner = (round(thing.x * side - size / 2), round(thing.y * side - size / 2))
    if thing.fill == "outlined":
        dark = COLOURS["white"] if thing.colour == "black" else COLOURS["black"]
        picture.paste(dark, (*corner, corner[0] + size, corner[1] + size), mask)
        inner = shape_mask(thing.shape, max(3, round(size * 0.78)))
        shift = (size - inner.width) // 2
        mask = Image.new("L", (size, size), 0)
        mask.paste(inner, (shift, shift))
    picture.paste(COLOURS[thing.colour], (*corner, corner[0] + size, corner[1] + size), mask)
    if thing.fill == "dotted":
        light = COLOURS["black"] if thing.colour in ("white", "yellow") else COLOURS["white"]
        dots = ImageChops.multiply(mask, _dots(size))
        picture.paste(light, (*corner, corner[0] + size, corner[1] + size), dots)


def _dots(size: int) -> Image.Image:
    big = size * _SMOOTH
    dots = Image.new("L", (big, big), 0)
    draw = ImageDraw.Draw(dots)
    for x, y in ((0.35, 0.4), (0.65, 0.4), (0.5, 0.65)):
        draw.ellipse(((x - 0.09) * big, (y - 0.09) * big, (x + 0.09) * big, (y + 0.09) * big), fill=255)
    return dots.resize((size, size), Image.LANCZOS)


def _background(scene: Scene, side: int) -> Image.Image:
    first, second = COLOURS[scene.background], COLOURS[scene.second]
    picture = Image.new("RGB", (side, side), first)
    if scene.pattern == "gradient":
        ramp = Image.linear_gradient("L").resize((side, side))
        picture.paste(second, (0, 0, side, side), ramp)
    elif scene.pattern != "plain":
        step = side // 8
        draw = ImageDraw.Draw(picture)
        for row in range(0, side, step):
            for column in range(0, side, step):
                odd = row // step if scene.pattern == "striped" else (row + column) // step
                if odd % 2:
                    draw.rectangle((column, row, column + step - 1, row + step - 1), fill=second)
    return picture


def random_scene(rng: Random) -> Scene:
    """A scene of one thing (3 in 4), of several alike, or of two different ones."""
    background = rng.choice(list(COLOURS))
    free = [name for name in COLOURS if name != background]
    pattern = rng.choice(PATTERNS[1:]) if rng.random() < 0.12 else "plain"
    second = rng.choice(free) if pattern != "plain" else background
    free = [name for name in free if name != second]
    kind = rng.random()
    if kind < 0.75:
        things, tags = _one_thing(rng, free)
    elif kind < 0.88:
        things, tags = _several_alike(rng, free)
    else:
        things, tags = _two_different(rng, free)
    return Scene(background, things, pattern, second, tags)


def _fill(rng: Random, shape: str) -> str:
    return rng.choice(FILLS[1:]) if shape in _SOLID and rng.random() < 0.3 else "plain"


def _jitter(rng: Random, place: tuple[float, float], amount: float) -> tuple[float, float]:
    return place[0] + rng.uniform(-amount, amount), place[1] + rng.uniform(-amount, amount)


def _one_thing(rng: Random, colours: list[str]) -> tuple[tuple[Thing, ...], tuple[str, ...]]:
    size = rng.choice(["small", "medium", "medium", "large"])
    place = rng.choice(list(PLACES)) if size != "large" else "center"
    x, y = _jitter(rng, PLACES[place], 0.05)
    shape = rng.choice(SHAPES)
    thing = Thing(shape, rng.choice(colours), x, y, rng.uniform(*SIZES[size]), _fill(rng, shape))
    return (thing,), (size, place)


def _several_alike(rng: Random, colours: list[str]) -> tuple[tuple[Thing, ...], tuple[str, ...]]:
    count = rng.choice(list(_COUNTS))
    shape, colour = rng.choice(SHAPES), rng.choice(colours)
    fill = _fill(rng, shape)
    half = rng.uniform(0.14, 0.19)
    spots = [_jitter(rng, spot, 0.04) for spot in _SPOTS[count]]
    return tuple(Thing(shape, colour, x, y, half, fill) for x, y in spots), (_COUNTS[count],)


def _two_different(rng: Random, colours: list[str]) -> tuple[tuple[Thing, ...], tuple[str, ...]]:
    shapes, picked = rng.sample(SHAPES, 2), rng.sample(colours, 2)
    spots = [_jitter(rng, spot, 0.04) for spot in _SPOTS[2]]
    half = rng.uniform(0.15, 0.2)
    things = zip(shapes, picked, spots, strict=True)
    return tuple(Thing(shape, colour, x, y, half) for shape, colour, (x, y) in things), ()


def caption(scene: Scene, rng: Random | None = None) -> str:
    """Tags of the scene: the things first, then size, place, count and background.

    With ``rng`` each tag after the things is left out one time in five and their order varies, as in captions that
    people write.
    """
    things = list(dict.fromkeys(_name(thing) for thing in scene.things))
    pattern = "" if scene.pattern == "plain" else f"{scene.pattern} "
    rest = [*scene.tags, f"{pattern}{scene.background} background"]
    if rng is not None:
        rest = [tag for tag in rest if rng.random() >= 0.2]
        rng.shuffle(rest)
    return ", ".join(things + rest)


def _name(thing: Thing) -> str:
    fill = "" if thing.fill == "plain" else f"{thing.fill} "
    return f"{fill}{thing.colour} {thing.shape}"


def doodle(rng: Random, side: int = SIDE) -> Image.Image:
    """Random lines, blobs and polygons in any colours: for an autoencoder that can draw what it has never seen."""
    big = side * 2
    picture = Image.new("RGB", (big, big), _any_colour(rng))
    draw = ImageDraw.Draw(picture)
    for _ in range(rng.randint(3, 14)):
        colour, x, y = _any_colour(rng), rng.uniform(0, big), rng.uniform(0, big)
        reach = big * rng.choice((0.04, 0.07, 0.12, 0.25, 0.4))
        kind = rng.random()
        if kind < 0.45:
            wide, high = reach * rng.uniform(0.5, 1), reach * rng.uniform(0.5, 1)
            draw.ellipse((x - wide, y - high, x + wide, y + high), fill=colour)
        elif kind < 0.85:
            corners = [
                (x + rng.uniform(-reach, reach), y + rng.uniform(-reach, reach)) for _ in range(rng.randint(3, 6))
            ]
            draw.polygon(corners, fill=colour)
        else:
            end = (x + rng.uniform(-1, 1) * big / 2, y + rng.uniform(-1, 1) * big / 2)
            draw.line((x, y, *end), fill=colour, width=rng.randint(4, 14))
    return picture.resize((side, side), Image.LANCZOS)


def _any_colour(rng: Random) -> Rgb:
    if rng.random() < 0.5:
        return rng.choice(list(COLOURS.values()))
    return (rng.randrange(256), rng.randrange(256), rng.randrange(256))
