import re
from pathlib import Path

import pytest

from lib_train.pictures.archives import ENDING
from lib_train.pictures.arrivals import is_taken, portable

PAGE = Path(__file__).parents[2] / "javascript" / "tt" / "upload.mjs"


def test_page_sends_just_what_comes_in():
    found = re.search(r"ACCEPTED =\s*\"([^\"]+)\"", PAGE.read_text(encoding="utf-8"))
    assert found
    endings = found[1].split(",")
    assert [one for one in endings if not is_taken(f"a{one}")] == [ENDING]
    assert {".png", ".tiff", ".gif", ".heic", ".caption"} <= set(endings)


@pytest.mark.parametrize(
    ("name", "fit"),
    [("C:a.png", "C_a.png"), ('a"b|c?.png', "a_b_c_.png"), ("a .png", "a_.png"), ("con.png", "_con.png"),
     ("COM1.x.png", "_COM1.x.png"), ("5_cat.", "5_cat_"), ("console.png", "console.png"), ("猫 [1].png", "猫 [1].png")],
)  # fmt: skip
def test_name_is_made_fit_for_windows_and_stays_as_it_is_elsewhere(name, fit):
    assert portable(name, windows=True) == fit
    assert portable(name, windows=False) == name
