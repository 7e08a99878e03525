import pytest
from PIL import Image

from lib_train.previews.grid import cell_size, grid, save_png


def test_grid_shows_every_picture_in_its_place_with_labels_around():
    colours = [[(255, 0, 0), (0, 255, 0)], [(0, 0, 255), (255, 255, 0)]]
    rows = [[Image.new("RGB", (64, 48), colour) for colour in row] for row in colours]
    sheet = grid(rows, ["もち 2", "last"], ["0", "0.75"], ["prompt 小猫", "seed 1"], ["both"])
    assert sheet.width > 2 * 64
    assert sheet.height > 2 * 48
    for line, row in enumerate(colours):
        for place, colour in enumerate(row):
            x, y = sheet.width - (2 - place) * 70 + 10, sheet.height - (2 - line) * 54 + 10
            assert sheet.getpixel((x, y)) == colour


def ink(sheet, left, top, right, bottom):
    """Whether something is written between these edges, on paper that is white."""
    return min(low for low, _ in sheet.crop((left, top, right, bottom)).getextrema()) < 255


@pytest.mark.parametrize("written", [0, 1])
def test_labels_stand_beside_their_row_and_above_their_column_and_nowhere_else(written):
    """The other labels are empty: there must be paper."""
    rows = [[Image.new("RGB", (90, 60), "white")] * 4 for _ in range(2)]
    two, four = ["", ""], [""] * 4
    plain = grid(rows, ["MM", "MM"], four)
    left, top = plain.width - 4 * 96, plain.height - 2 * 66  # where the pictures begin
    label = [*two[:written], "MM", *two[written + 1 :]]

    beside = grid(rows, label, four)
    found = [ink(beside, 0, top + 66 * row, left, top + 66 * row + 60) for row in range(2)]
    assert found == [place == written for place in range(2)]
    assert ink(beside, 0, top + 66 * written + 15, left, top + 66 * written + 45)  # in the middle of its height

    column = 2 * written + 1
    above = grid(rows, ["MM", "MM"], [*four[:column], "MM", *four[column + 1 :]])
    assert [ink(above, left + 96 * place, 0, left + 96 * place + 90, top) for place in range(4)] == [
        place == column for place in range(4)
    ]
    assert ink(above, left + 96 * column + 35, 0, left + 96 * column + 55, top)  # in the middle of its width

    over = grid(rows, ["MM", "MM"], four, groups=label)
    higher = over.height - 2 * 66
    assert higher > top
    assert [ink(over, left + 192 * place, 0, left + 192 * place + 186, higher) for place in range(2)] == [
        place == written for place in range(2)
    ]
    assert ink(over, left + 192 * written + 80, 0, left + 192 * written + 110, higher)


def test_titles_stand_one_below_the_other_at_the_left_and_are_cut_at_the_edge():
    rows, line = [[Image.new("RGB", (200, 60), "white")]], (28 - 6) + 6  # a line is the letters' size and a gap
    two = grid(rows, [""], [""], ["i" * 400, "I"])
    assert ink(two, 6, 6, two.width - 6, 6 + line)
    assert not ink(two, two.width - 6, 0, two.width, 6 + 2 * line)
    assert ink(two, 6, 6 + line, 30, 6 + 2 * line)
    assert not ink(two, 40, 6 + line, two.width, 6 + 2 * line)
    assert not ink(grid(rows, [""], [""], ["", ""]), 0, 0, two.width, 6 + 2 * line)


def test_labels_have_several_lines_where_they_are_given_or_needed():
    rows = [[Image.new("RGB", (90, 90), "white")]]
    one, two = grid(rows, ["MM"], ["I"]), grid(rows, ["MM\nMM\n\nMM"], ["I"])
    left, top = one.width - 96, one.height - 96
    inside = [y for y in range(top, two.height) if ink(two, 0, y, left, y + 1)]
    gaps = [after - before for before, after in zip(inside, inside[1:], strict=False) if after > before + 1]
    assert len(gaps) == 2  # three lines
    assert two.size == one.size
    wide = grid(rows, ["MM"], ["words that do not fit above so small a picture, by far"])
    assert wide.height == one.height + 2 * (13 + 6)
    assert wide.width == one.width
    assert not ink(wide, wide.width - 6, 0, wide.width, wide.height)


LONG = (
    "a girl with long silver hair stands on a bridge, looking at viewer",
    "小猫在屋外坐着，看着远处的山，天空是蓝色的，草地上有很多花",
    "桜の木の下に座っている猫、長い髪、青い目、夏の空、カメラを見ている",
)


def mask(sheet, left, top, right, bottom):
    """Pixels that are written on between these edges."""
    area = sheet.crop((left, top, right, bottom)).convert("L")
    return bytes(pixel < 255 for pixel in area.tobytes())


@pytest.mark.parametrize("side", [64, 128, 512, 1024])
def test_long_labels_in_three_scripts_are_whole_and_touch_neither_each_other_nor_pictures(side):
    rows = [[Image.new("RGB", (side, side), "white")] * 3 for _ in range(3)]
    sheet = grid(rows, LONG, LONG, roomy=True)
    alone = [grid(rows, [label if here == place else "" for here, label in enumerate(LONG)], [""] * 3, roomy=True)
             for place in range(3)]  # fmt: skip
    beside = [mask(one, 0, one.height - 3 * (side + 6), one.width - 3 * (side + 6), one.height) for one in alone]
    assert all(map(any, beside))
    room = (sheet.width - grid(rows, LONG, [""] * 3, roomy=True).width + 3 * (side + 6)) // 3
    left = sheet.width - 3 * room
    paper = [
        ink(sheet, left + room * place + room - 6, 0, left + room * (place + 1), sheet.height) for place in range(3)
    ]
    assert not any(paper)  # between the columns
    assert not ink(sheet, left, sheet.height - 3 * (side + 6), sheet.width, sheet.height)  # on the pictures
    assert not ink(sheet, left - 4, 0, left, sheet.height)  # between labels of rows and pictures
    few = grid(rows, LONG, [label[:-1] for label in LONG], roomy=True)
    assert few.tobytes() != sheet.tobytes()  # the last letter is there


def test_rows_are_as_high_as_their_labels_need_and_pictures_stay_in_the_middle():
    rows = [[Image.new("RGB", (64, 64), "red")], [Image.new("RGB", (64, 64), "blue")]]
    sheet = grid(rows, ["word " * 100, "short"], ["I"], roomy=True)
    plain = grid(rows, ["short", "short"], ["I"], roomy=True)
    assert sheet.height > plain.height
    x = sheet.width - 6 - 32
    found = [y for y in range(sheet.height) if sheet.getpixel((x, y)) == (255, 0, 0)]
    assert len(found) == 64
    labelled = [y for y in range(sheet.height) if ink(sheet, 0, y, sheet.width - 80, y + 1) and y < sheet.height - 70]
    assert abs((labelled[0] + labelled[-1]) / 2 - (found[0] + found[-1]) / 2) <= 6


def test_titles_of_roomy_sheets_are_broken_and_whole():
    rows = [[Image.new("RGB", (200, 60), "white")]]
    short, long = grid(rows, [""], [""], ["word"], roomy=True), grid(rows, [""], [""], ["word " * 30], roomy=True)
    assert long.width == short.width
    assert long.height > short.height + 2 * (22 + 6)


@pytest.mark.parametrize(
    ("size", "across", "down", "cell"),
    [((512, 768), 4, 10, (512, 768)), ((512, 512), 16, 100, (160, 160)), ((1024, 1024), 10, 10, (800, 800))],
)
def test_pictures_shrink_where_a_sheet_would_be_too_large_to_open(size, across, down, cell):
    assert cell_size(size, across, down) == cell


def test_png_is_seen_whole_or_not_at_all(tmp_path, monkeypatch):
    save, names = Image.Image.save, []

    def slow(picture, file, *args, **kwargs):
        save(picture, file, *args, **kwargs)
        names.append([path.name for path in tmp_path.glob("*.png")])

    monkeypatch.setattr(Image.Image, "save", slow)
    save_png(Image.new("RGB", (4, 4)), {}, tmp_path / "a.png")
    assert names == [[]]
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_png_keeps_its_text_in_any_script(tmp_path):
    save_png(Image.new("RGB", (4, 4)), {"parameters": "もち\nSteps: 2"}, tmp_path / "a.png")
    assert Image.open(tmp_path / "a.png").text["parameters"] == "もち\nSteps: 2"  # type: ignore[attr-defined]
