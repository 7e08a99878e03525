"""What a large set of pictures costs: its first scan, opening it again, and everything that people wait for then."""

import io
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random

import numpy
from PIL import Image, ImageDraw

from lib_train.app.session import Session
from lib_train.host.standalone.host import StandaloneHost
from lib_train.store.projects import open_project

_SIDE, _PAGE, _BASES, _BROWSER = 1024, 100, 12, 6
_PLACE = "bench", "v1"
_TAGS = ("smile", "blue eyes", "long hair", "hat", "standing", "outdoors", "red ribbon", "dress", "cloud", "solo")


def measure(count: int, rounds: int) -> dict[str, float]:
    """Seconds of each thing, pictures a second of the first scan, and MiB that the process grew by."""
    host = StandaloneHost()
    with _version(count) as root:
        _warm(host)
        before, begun = _resident(), time.perf_counter()
        session = Session(host, root)
        page = session.gallery.listed(*_PLACE, limit=_PAGE)["pictures"]
        found = {"list_s": time.perf_counter() - begun}
        with ThreadPoolExecutor(_BROWSER) as browser:
            list(browser.map(lambda one: session.gallery.image(*_PLACE, one["id"], 256), page))
        found["first_page_s"] = time.perf_counter() - begun
        session.catalogs.wait()
        found["per_s"] = count / (time.perf_counter() - begun)
        del session, page  # a process has one
        found |= _waits(host, root, rounds)
        found["grown_mib"] = (_resident() - before) / 2**20
    with _version(min(count, 40 * _BASES)) as root:
        session = Session(host, root)
        place = session.gallery.place(*_PLACE)
        found["all_cores_per_s"] = len(place.stock().parts) / _seconds(lambda: place.catalog.measure(place.dataset))
    return found


def _waits(host: StandaloneHost, root: Path, rounds: int) -> dict[str, float]:
    """Of a set that was scanned before, in a session that knows nothing of it yet."""
    session = Session(host, root)
    gallery = session.gallery
    opened = _seconds(lambda: gallery.listed(*_PLACE, limit=_PAGE))
    session.catalogs.wait()
    page = gallery.listed(*_PLACE, limit=_PAGE)["pictures"]
    session.plan_as_json(*_PLACE)
    rates = iter(range(1, 1000))

    def caption() -> None:
        number, seen = page[0]["id"], gallery.details(*_PLACE, page[0]["id"])["caption"]
        gallery.keep_caption(*_PLACE, number, seen, f"{seen}, {next(rates)}")

    def key() -> None:
        session.kept.keep(*_PLACE, {"learning_rate": next(rates) * 1e-6})
        session.plan_as_json(*_PLACE)

    def key_of_captions() -> None:
        session.kept.keep(*_PLACE, {"caption_prefix": "m" * next(rates)})
        session.plan_as_json(*_PLACE)

    things: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "filter_s": (_nothing, lambda: gallery.listed(*_PLACE, limit=_PAGE, filter="blue_eyes -hat")),
        "sort_s": (_nothing, lambda: gallery.listed(*_PLACE, limit=_PAGE, sort="-sharpness")),
        "likeness_s": (_nothing, lambda: gallery.listed(*_PLACE, limit=_PAGE, sort="likeness")),
        "caption_s": (_nothing, caption),
        "page_s": (_nothing, lambda: [gallery.image(*_PLACE, one["id"], 256) for one in page]),
        "key_s": (_nothing, key),
        "key_after_caption_s": (caption, key),
        "key_of_captions_s": (_nothing, key_of_captions),
    }
    return {"open_again_s": opened} | {name: _median(*one, rounds) for name, one in things.items()}


def _nothing() -> None:
    pass


def _median(before: Callable[[], object], do: Callable[[], object], rounds: int) -> float:
    spent = []
    for _ in range(rounds):
        before()
        spent.append(_seconds(do))
    return statistics.median(spent)


def _seconds(do: Callable[[], object]) -> float:
    begun = time.perf_counter()
    do()
    return time.perf_counter() - begun


def _warm(host: StandaloneHost) -> None:
    """Load what a process loads once."""
    with _version(1) as root:
        session = Session(host, root)
        session.gallery.listed(*_PLACE)
        session.plan_as_json(*_PLACE)
        session.catalogs.wait()


@contextmanager
def _version(count: int) -> Iterator[Path]:
    """A root with a version of ``count`` captioned pictures of 1 MP, a quarter of them PNG, no two of one content."""
    with tempfile.TemporaryDirectory() as root:
        version = open_project(Path(root), _PLACE[0]).version(_PLACE[1])
        folder, rng = version.part("dataset", "train") / "10_bench", Random(1)
        folder.mkdir()
        bases = [_picture(number) for number in range(min(_BASES, count))]
        for number in range(count):
            content, ending = bases[number % len(bases)]
            (folder / f"{number:05}{ending}").write_bytes(content + b"%d" % number)  # decoders end before it
            tags = rng.sample(_TAGS, 6)
            (folder / f"{number:05}.txt").write_text(", ".join(("bench", *tags, f"number {number}", *tags[::-1])))
        yield Path(root)


def _picture(number: int) -> tuple[bytes, str]:
    out = io.BytesIO()
    if number % 4 == 0:
        drawing = Image.new("RGB", (_SIDE, _SIDE), "white")
        draw, rng = ImageDraw.Draw(drawing), Random(number)
        for _ in range(60):
            x, y, size = (rng.randrange(_SIDE) for _ in range(3))
            draw.ellipse((x, y, x + size / 3, y + size / 4), fill=tuple(rng.randrange(256) for _ in range(3)))
        drawing.save(out, "PNG", compress_level=6)
        return out.getvalue(), ".png"
    noise = numpy.random.default_rng(number)
    rough = Image.fromarray(noise.integers(0, 256, (40, 40, 3), dtype=numpy.uint8)).resize((_SIDE, _SIDE))
    grain = numpy.asarray(rough, dtype=numpy.float32) + noise.normal(0, 5, (_SIDE, _SIDE, 3))
    Image.fromarray(grain.clip(0, 255).astype(numpy.uint8)).save(out, "JPEG", quality=88)
    return out.getvalue(), ".jpg"


def _resident() -> int:
    """Bytes of memory that the process holds now; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
