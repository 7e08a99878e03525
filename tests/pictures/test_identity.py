import shutil

from PIL import Image

from tests.pictures.catalogs import ids, measured, opened, settings_of


def test_picture_keeps_its_id_when_it_is_renamed_moved_copied_or_changed(base, inner, nothing_read):
    catalog, settings = opened(base), settings_of(base)
    before = ids(catalog.measure(settings))
    out = base / "dataset" / "left_out" / "2_mochi"
    out.mkdir(parents=True)
    (inner / "0.png").rename(out / "0.png")
    shutil.copy(inner / "1.png", base / "elsewhere.png")
    (inner / "1.png").unlink()
    (base / "elsewhere.png").rename(inner / "other.png")
    nothing_read()
    stock = catalog.stock(settings)
    assert ids(stock) == {"0.png": before["0.png"], "other.png": before["1.png"], "2.png": before["2.png"]}
    assert {one.path.name: (one.left_out, one.content != "") for one in stock.entries} == {
        "0.png": (True, True), "other.png": (False, True), "2.png": (False, True)
    }  # fmt: skip
    assert [picture.path.name for picture in stock.scan(settings).pictures] == ["2.png", "other.png"]
    assert ids(opened(base).stock(settings)) == ids(stock)


def test_pictures_that_change_names_with_each_other_keep_their_ids(base, inner):
    catalog, settings = opened(base), settings_of(base)
    before = ids(catalog.measure(settings))
    (inner / "0.png").rename(inner / "x")
    (inner / "1.png").rename(inner / "0.png")
    (inner / "x").rename(inner / "1.png")
    after = ids(catalog.stock(settings))
    assert (after["0.png"], after["1.png"], after["2.png"]) == (before["1.png"], before["0.png"], before["2.png"])


def test_file_in_the_place_of_a_moved_picture_is_another_one(base, inner):
    catalog, settings = opened(base), settings_of(base)
    before = ids(catalog.measure(settings))
    (inner / "0.png").rename(inner / "8.png")
    Image.new("RGB", (90, 90), "blue").save(inner / "0.png")
    shutil.copy(inner / "1.png", inner / "copy.png")
    for stock in (catalog.measure(settings), opened(base).stock(settings)):
        after = ids(stock)
        assert (after["8.png"], after["1.png"]) == (before["0.png"], before["1.png"])
        assert len(set(after.values())) == 5


def test_ids_are_the_same_for_every_process_and_when_the_catalog_is_deleted(base, inner):
    before = ids(measured(base))
    shutil.rmtree(base / "cache")
    assert ids(opened(base).stock(settings_of(base))) == before
    base.rename(base.with_name("v2"))
    assert ids(opened(base.with_name("v2")).stock(settings_of(base.with_name("v2")))) == before


def test_catalog_of_a_renamed_version_reads_nothing_again(base, nothing_read):
    before = measured(base)
    there = base.with_name("v2")
    base.rename(there)
    nothing_read()
    after = opened(there).measure(settings_of(there))
    assert [one.content for one in after.entries] == [one.content for one in before.entries]
