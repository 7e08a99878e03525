import random
import time
from pathlib import Path

from lib_train.pictures.doctor import classes, likeness, quality, tagging, writing
from lib_train.pictures.doctor.case import SEVERITIES
from lib_train.pictures.doctor.examine import CHECKS, CODES
from tests.pictures.doctor.cases import entry, found, several

BAD = [
    *several(6), entry(1, problem="x"), entry(2, width=100, height=100), entry(3, "mochi, hat, hat"), entry(4, None),
    entry(5, "mochi, odd"), entry(6, animated=True),
]  # fmt: skip


def test_findings_come_the_worst_first():
    told = found(*BAD)
    assert list(told) == ["unreadable", "small", "no_caption", "tag_twice", "rare_tag", "animated"]
    ranks = [SEVERITIES.index(one.severity) for one in told.values()]
    assert ranks == sorted(ranks)


def test_every_check_is_made():
    rooms = (classes, likeness, quality, tagging, writing)
    checks = {
        value for room in rooms for name, value in vars(room).items()
        if not name.startswith("_") and getattr(value, "__annotations__", {}).get("return") is not None
        and "Iterator[" in str(value.__annotations__["return"]) and value.__module__ == room.__name__
    }  # fmt: skip
    assert checks == set(CHECKS)


def test_every_code_is_one_that_a_check_gives():
    source = "".join(path.read_text() for path in Path(quality.__file__).parents[1].glob("**/*.py"))
    assert len(set(CODES)) == len(CODES)
    assert [code for code in CODES if source.count(f'"{code}"') < 2] == []


def test_many_pictures_take_no_long_time():
    rng = random.Random(3)
    words = [f"tag {number}" for number in range(400)]
    many = [
        entry(number, ", ".join(["mochi", *rng.sample(words, 20)]), width=rng.choice((512, 640, 900)), height=768,
              sharpness=rng.uniform(20, 900), tokens=rng.randrange(40, 90))
        for number in range(5000)
    ]  # fmt: skip
    begun = time.perf_counter()
    found(*many, max_tokens=75)
    assert time.perf_counter() - begun < 3  # ten times what it takes
