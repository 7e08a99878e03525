import threading

import pytest
from PIL import Image

from lib_train.app import lora_tools
from lib_train.app.tool_runs import Wish
from lib_train.errors import ConfigError, HostBusyError, ProjectError
from lib_train.lora_tools.outcome import Outcome, Summary
from lib_train.texts import say
from tests.app.working import ended
from tests.lora_tools.networks import dense_in, distance, lora, written


@pytest.fixture
def file(session):
    folder = session.versions.made("p", "v1").part("checkpoints")
    return session.lora_files.name_of(written(folder / "a.safetensors", lora(rank=8)))


def begin(session, file, place="beside", name="b", tool="resize", **settings):
    wish = Wish(files=[file], settings={"rank": "2", **settings}, place=place, name=name)
    return session.tools.start("p", "v1", tool, wish)


def make(session, tool, files, name="b", place="version", more=None, **settings):
    """What came of it."""
    wish = Wish(files=files, settings=settings, place=place, name=name, **(more or {}))
    found = ended(session, session.tools.start("p", "v1", tool, wish)["number"])
    assert found["error"] is None
    return found["result"]


def test_resized_file_lies_where_it_was_wished_and_is_told_before_and_after(session, file, tmp_path):
    for place, folder in (("beside", "p/versions/v1/checkpoints/"), ("host", "lora:")):
        work = begin(session, file, place, "b.safetensors")
        assert work["kind"] == "tool-resize"
        found = ended(session, work["number"])
        assert found["error"] is None
        before, after = found["result"]["before"][0], found["result"]["after"]
        assert (before["file"], before["dims"], after["dims"]) == (file, {8: 4}, {2: 4})
        assert after["file"] == f"{folder}b.safetensors"
        assert after["bytes"] < before["bytes"]
        assert 0 < found["result"]["error"] < 1
        assert session.lora_files.facts(after["file"])["dims"] == {2: 4}
    assert (tmp_path / "loras" / "b.safetensors").is_file()
    assert [one["name"] for one in session.checkpoints("p", "v1")] == ["b.safetensors", "a.safetensors"]


@pytest.mark.parametrize(
    ("wish", "setting"),
    [
        ({"name": "a"}, "name"),
        ({"name": ""}, "name"),
        ({"name": "../x"}, "name"),
        ({"name": "x" * 300}, "name"),
        ({"place": "moon"}, "place"),
        ({"tool": "sing"}, "tool"),
        ({"rank": ""}, "rank"),
        ({"rank": "x"}, "rank"),
        ({"size": "1"}, "size"),
    ],
)
def test_what_cannot_be_used_is_told_by_its_name_and_nothing_begins(session, file, wish, setting):
    with pytest.raises(ConfigError) as caught:
        begin(session, file, **wish)
    assert setting in [problem.setting for problem in caught.value.problems]
    assert session.works.listed("p", "v1") == []
    with pytest.raises(ConfigError, match="choose a file"):
        make(session, "resize", [], rank=2)
    with pytest.raises(ProjectError):
        session.tools.start("p", "v9", "resize", Wish(files=[file], settings={"rank": 2}, place="beside", name="b"))


def test_one_tool_works_at_a_time_and_the_next_may_begin_when_it_is_cancelled(session, file, monkeypatch):
    goes, may_end, resize = threading.Event(), threading.Event(), lora_tools.resize

    def slow(*given, **more):
        goes.set()
        assert may_end.wait(60)
        return resize(*given, **more)

    monkeypatch.setattr(lora_tools, "resize", slow)
    work = begin(session, file)
    assert goes.wait(60)
    with pytest.raises(HostBusyError, match="another tool makes a file"):
        begin(session, file, name="c")
    session.works.cancel("p", "v1", work["number"])
    may_end.set()
    assert ended(session, work["number"])["result"] == {"cancelled": True}
    assert [one["name"] for one in session.checkpoints("p", "v1")] == ["a.safetensors"]
    assert ended(session, begin(session, file, name="c")["number"])["error"] is None


def test_every_tool_has_a_form_of_its_settings(session):
    for tool in session.tools.declared():
        assert tool["settings"], tool
        assert all(one["help"] and one["label"] for one in tool["settings"])


def test_weights_of_blocks_are_drawn_with_the_presets_that_fit_the_family(session):
    (blocks,) = (tool for tool in session.tools.declared() if tool["name"] == "blocks")
    row = next(one["blocks"] for one in blocks["settings"] if one["name"] == "weights")
    face = dict(zip(row["names"]["sd1"], row["presets"]["sd1"]["FACE"], strict=True))
    assert (face["BASE"], face["IN00"], face["IN05"], face["OUT11"]) == (0, 1, 0, 1)
    outs = dict(zip(row["names"]["sd1"], row["presets"]["sd1"]["OUTS"], strict=True))
    assert {name for name, number in outs.items() if number} == {"BASE", "OUT07", "OUT08", "OUT09", "OUT10", "OUT11"}
    assert "OUTS" not in row["presets"]["sdxl"]
    assert set(row["presets"]["sdxl"]["ALL0.5"]) == {0.5}
    assert row["names"]["sdxl"].count("") == 6
    assert len(row["names"]["sdxl"]) == 26


def test_presets_that_people_of_the_host_keep_are_offered_and_understood(session, file, tmp_path, monkeypatch):
    mine = tmp_path / "lbwpresets.txt"
    mine.write_text("MINE:" + ",".join(["0", *["0.25"] * 25]))
    monkeypatch.setattr(session.host, "block_presets", lambda: mine)
    (blocks,) = (tool for tool in session.tools.declared() if tool["name"] == "blocks")
    row = next(one["blocks"] for one in blocks["settings"] if one["name"] == "weights")
    assert row["presets"]["sdxl"]["MINE"] == (0, *[0.25] * 25)
    make(session, "blocks", [file], weights="MINE")
    first = session.lora_files.path(file)
    before, after = dense_in(first), dense_in(first.with_name("b.safetensors"))
    assert distance(after, {name: 0.25 * one for name, one in before.items() if "_te_" not in name}) < 1e-5


def test_two_files_are_merged_with_their_weights(session, file):
    first = session.lora_files.path(file)
    other = session.lora_files.name_of(written(first.with_name("c.safetensors"), lora(rank=4, seed=1)))
    result = make(session, "merge", [file, other], weights="1, -0.5")
    assert [one["name"] for one in result["before"]] == ["a.safetensors", "c.safetensors"]
    merged, (a, c) = (
        dense_in(first.with_name("b.safetensors")),
        (dense_in(first), dense_in(first.with_name("c.safetensors"))),
    )
    assert distance(merged, {name: a[name] - 0.5 * c[name] for name in a}) < 1e-5


def test_file_is_converted_with_its_newest_preview_as_its_picture(session, file):
    with pytest.raises(ConfigError) as caught:
        make(session, "convert", [file], more={"cover": True}, trigger="mochi")
    assert [problem.setting for problem in caught.value.problems] == ["cover"]
    previews = session.versions.named("p", "v1").part("previews", "a")
    Image.new("RGB", (64, 64), "red").save(previews / "a-p1-s1-w1.png")
    result = make(session, "convert", [file], more={"cover": True}, trigger="mochi", save_precision="fp16")
    assert session.lora_files.facts(result["after"]["file"])["trigger"] == "mochi"
    assert (session.lora_files.path(file).parent / "b.preview.png").is_file()


def test_difference_of_two_checkpoints_becomes_a_lora_beside_the_tuned_one(session, file, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(lora_tools, "extract", lambda *given: asked.append(given))
    tuned = tmp_path / "tuned.safetensors"
    tuned.touch()
    result = make(session, "extract", ["A.safetensors", str(tuned)], place="beside", rank="4")
    assert result == {"cancelled": True}
    assert asked[0][:3] == (tmp_path / "A.safetensors", tuned, tmp_path / "b.safetensors")
    with pytest.raises(ConfigError, match="choose a file"):
        make(session, "extract", [str(tuned)])


def test_files_are_put_into_a_copy_of_a_checkpoint_beside_it(session, file, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(lora_tools, "merge", lambda files, to, config, **more: asked.append((to, more["into"])))
    make(session, "merge", [file], place="beside", more={"into": "A.safetensors"})
    assert asked == [(tmp_path / "b.safetensors", tmp_path / "A.safetensors")]


@pytest.mark.parametrize(("kind", "place", "is_offered"), [("checkpoint", "beside", True), ("LoRA", "beside", False),
                                                           ("checkpoint", "version", False)])  # fmt: skip
def test_new_checkpoint_beside_another_is_offered_to_the_host(session, file, monkeypatch, kind, place, is_offered):
    offered: list[object] = []
    monkeypatch.setattr(session.host, "offer_base_model", offered.append)

    def made(files, to, config, **more):
        to.touch()
        after = Summary(path=to, size_bytes=1, kind=say(kind), layers=1, dims={}, precision="fp16", norm=None)
        return Outcome(before=(), after=after, error=None, notes=())

    monkeypatch.setattr(lora_tools, "merge", made)
    make(session, "merge", [file], place=place, more={"into": session.host.loaded.name})
    assert offered == ([session.host.loaded.with_name("b.safetensors")] if is_offered else [])
