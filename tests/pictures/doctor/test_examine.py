import random
import shutil
import time
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from lib_train.config.dataset import DatasetConfig
from lib_train.pictures.catalog import Catalog
from lib_train.pictures.doctor import classes, likeness, quality, tagging, writing
from lib_train.pictures.doctor.case import SEVERITIES, Case
from lib_train.pictures.doctor.examine import CHECKS, CODES, Examination, examine
from lib_train.pictures.places import Places
from tests.pictures.doctor.cases import entry, found, several
from tests.pictures.doctor.drawn import FAULTS, SIDE, drawing

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
    begun = time.process_time()
    found(*many, max_tokens=75)
    assert time.process_time() - begun < 3  # ten times what it takes


OTHER: dict[str, Any] = {
    "resolution": (768,), "enable_bucket": False, "min_bucket_reso": 512, "max_bucket_reso": 512,
    "bucket_reso_steps": 256, "bucket_no_upscale": True, "alpha_color": "#112233", "caption_separator": ";",
    "keep_tokens_separator": "hat", "caption_prefix": "mochi", "caption_suffix": "hat", "reg_data_dir": ("/set/reg",),
    "random_crop": True, "shuffle_caption": True, "drop_tags": ("hat",), "keep_tokens": 2,
}  # fmt: skip
RICH = [
    *BAD, entry(7, width=500, height=2100), entry(8, width=900, height=500, transparent=True),
    entry(9, "hat; ball; hat"), entry(10, "mochi, blue eyes, red eyes", tokens=77), entry(11, " ; ;"),
    entry(12, width=700, height=700),
]  # fmt: skip


@pytest.mark.parametrize("name", OTHER)
def test_examination_looks_again_at_what_a_setting_has_a_part_in(name):
    seen = Examination(RICH)
    for config in (DatasetConfig(), DatasetConfig(**{name: OTHER[name]}), DatasetConfig()):
        case = Case(entries=RICH, config=config)
        assert seen.findings(case) == examine(case)


@pytest.mark.parametrize("told", [{"batch_size": 3}, {"max_tokens": 75}, {"max_tokens": 77, "around": 1},
                                  {"triggers": {"10_mochi": "ohwx"}}], ids=str)  # fmt: skip
def test_examination_looks_again_at_what_else_it_is_told(told):
    seen = Examination(RICH)
    more: dict[str, Any]
    for more in ({}, told, {}):
        case = Case(entries=RICH, config=DatasetConfig(), **more)
        assert seen.findings(case) == examine(case)


def test_settings_that_change_findings_are_among_those_that_are_tried():
    declared = {name for names in CHECKS.values() for name in names} - {"size", "bucket_limits"}
    assert declared - {field.name for field in fields(Case)} <= OTHER.keys()
    plain = examine(Case(entries=RICH, config=DatasetConfig()))
    changing = {
        name for name in OTHER if examine(Case(entries=RICH, config=DatasetConfig(**{name: OTHER[name]}))) != plain
    }
    assert changing >= OTHER.keys() - {"random_crop", "shuffle_caption", "drop_tags", "keep_tokens", "max_bucket_reso",
                                       "min_bucket_reso"}  # fmt: skip


def test_examination_of_unchanged_settings_looks_at_nothing_again():
    seen = Examination(RICH)
    case = Case(entries=RICH, config=DatasetConfig())
    told = seen.findings(case)
    again = seen.findings(replace(case))
    assert all(one is other for one, other in zip(told, again, strict=True))


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A set without any fault."""
    place = tmp_path_factory.mktemp("sound")
    for kind, count in (("train/10_mochi", 6), ("reg/1_shape", 4)):
        folder = place / kind
        folder.mkdir(parents=True)
        for number in range(count):
            seed = number + 100 * kind.startswith("reg")
            drawing(seed).save(folder / f"{number}.png")
            (folder / f"{number}.txt").write_text("mochi, hat, sea" if seed < 100 else "shape")
    codes(place)  # what has the same content is not measured again
    return place


@pytest.fixture
def place(sound, tmp_path):
    shutil.copytree(sound, tmp_path / "set")
    return tmp_path / "set"


def codes(place, **case):
    folders = {"train_data_dir": (str(place / "train"),), "reg_data_dir": (str(place / "reg"),)}
    config = DatasetConfig(**{"resolution": (SIDE,), **folders, **case.pop("settings", {})})
    catalog = Catalog(Places.of_folder(place))
    entries = catalog.measure(config).entries
    found = examine(Case(entries=entries, config=config, **case))
    names = {entry.id: entry.path.name for entry in entries}
    return {one.code: [names[number] for number in one.ids] for one in found}


def test_sound_set_has_no_findings(place):
    assert codes(place, max_tokens=75) == {}


@pytest.mark.parametrize("fault", FAULTS)
def test_set_with_one_fault_has_just_this_finding(place, fault):
    spoil, told = FAULTS[fault]
    spoil(place / "train" / "10_mochi")
    assert codes(place, max_tokens=75) == told


def test_long_caption_is_told_by_its_tokens(place):
    config = DatasetConfig(train_data_dir=(str(place / "train"),), resolution=(SIDE,))
    catalog = Catalog(Places.of_folder(place))
    catalog.measure(config)
    catalog.count({"mochi, hat, sea": 76})
    found = examine(Case(entries=catalog.stock(config).entries, config=config, max_tokens=75))
    assert [(one.code, len(one.ids)) for one in found] == [("too_long", 6)]


def test_every_finding_is_drawn():
    drawn = {code for _, told in FAULTS.values() for code in told} | {"too_long"}
    assert drawn == set(CODES)
