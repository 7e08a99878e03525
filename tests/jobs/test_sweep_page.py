import re
from html.parser import HTMLParser

import pytest
from PIL import Image

from lib_train.config.run import RunConfig
from lib_train.host.protocol import PictureRequest
from lib_train.jobs.sweep_page import page_of
from lib_train.jobs.sweep_pictures import Shown
from lib_train.jobs.sweep_report import Report, sheet, table
from lib_train.jobs.sweep_rows import Row
from lib_train.store.projects import version_named
from lib_train.store.sweeps import Sweep

EVIL = "<script>alert(1)</script>\"'&"


class Seen(HTMLParser):
    """Tags, what their attributes load, and text of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.sources, self.text = [], [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.sources += [value for name, value in attrs if name in ("src", "href", "action")]
        self.tags += [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data):
        self.text += data


@pytest.fixture
def report(tmp_path):
    paths = []
    for number in range(4):
        paths.append(tmp_path / f"{number}.png")
        Image.new("RGB", (64, 32), (60 * number, 10, 200)).save(paths[-1])
    rows = [
        Row(name="a", changes={"caption_prefix": EVIL}, state="finished", step=10, steps=10, loss=0.25, val_on=0.5,
            val_off=0.75, seconds=90.0),
        Row(name="b", changes={"caption_prefix": "b"}, state="failed", why=EVIL, step=3, steps=10, loss=0.125),
        Row(name="c", changes={"caption_prefix": ""}, state="missing", steps=10),
    ]  # fmt: skip
    columns = [PictureRequest(prompt=EVIL, seed=seed, width=64, height=32) for seed in (1, 2)]
    return Report(
        sweep=Sweep(version_named(tmp_path, "p", "v1"), "s001"), config=RunConfig(base_model="/home/me/x.safetensors"),
        base=EVIL, rows=rows, columns=columns, base_shown=Shown([*paths[:2]]),
        shown=[Shown([paths[2], None], EVIL), Shown([]), Shown([])], axes=["caption_prefix"],
    )  # fmt: skip


def test_what_people_wrote_stands_in_the_page_as_text_and_nothing_is_loaded_from_elsewhere(report):
    page = page_of(report)
    seen = Seen(page)
    assert {"script", "a", "link", "iframe"}.isdisjoint(seen.tags)
    assert not [tag for tag in seen.tags if tag.startswith("on")]
    assert all(source.startswith("data:image/webp;base64,") for source in seen.sources)
    assert len(seen.sources) == 3
    assert seen.text.count(EVIL) >= 5
    assert "url(" not in page
    assert "@import" not in page
    assert "/home/me" not in page


def test_figures_stand_in_the_row_of_their_run_and_the_lowest_stand_out(report):
    rows = re.findall(r"<tr><th scope=\"row\">\d</th>.*?</tr>", page_of(report))
    cells = [re.findall(r"<td class=\"number([^\"]*)\">([^<]*)</td>", row) for row in rows]
    assert cells[0] == [("", "10"), ("", "0.2500"), ("", "0.5000"), ("", "0.7500"), ("", "2 min")]
    assert cells[1] == [("", "3 / 10"), (" tt-best", "0.1250"), ("", ""), ("", ""), ("", "")]
    assert cells[2][0] == ("", "0 / 10")


def test_the_page_has_light_and_dark_colours_and_the_language_it_is_asked_in(report):
    from dataclasses import replace

    page = page_of(replace(report, language="zh_CN"))
    assert "color-scheme: light dark" in page
    assert '<html lang="zh-Hans">' in page
    assert "未开始" in page


def test_the_sheet_has_a_row_for_the_base_model_and_each_run(report):
    found = sheet(report)
    assert found.height > 4 * 64 + 3 * 6
    assert found.getpixel((found.width - 6 - 64, found.height - 6 - 32)) == (200, 200, 200)  # no picture of the last
    right, top = found.width - 6 - 64, found.height - 4 * 70 + 32
    assert found.getpixel((right, top)) == (60, 10, 200)


def test_the_table_for_spreadsheets_has_plain_numbers(report):
    lines = table(report).splitlines()
    assert lines[0] == "run,caption_prefix,state,step,steps,loss,val_on,val_off,seconds,checkpoint,why"
    assert lines[1].endswith(",finished,10,10,0.25,0.5,0.75,90,,")
    assert lines[3] == ",empty,missing,0,10,,,,,,"
