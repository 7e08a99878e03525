import threading

import pytest

from lib_train.app import lora_tools
from lib_train.errors import ConfigError, HostBusyError, ProjectError
from tests.app.working import ended
from tests.lora_tools.networks import lora, written


@pytest.fixture
def file(session):
    folder = session.versions.made("p", "v1").part("checkpoints")
    return session.lora_files.name_of(written(folder / "a.safetensors", lora(rank=8)))


def begin(session, file, place="beside", name="b", tool="resize", **settings):
    wish = {"rank": "2", **settings}
    return session.tools.start("p", "v1", tool, [file], wish, place, name)


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
        session.tools.start("p", "v1", "resize", [], {"rank": 2}, "beside", "b")
    with pytest.raises(ProjectError):
        session.tools.start("p", "v9", "resize", [file], {"rank": 2}, "beside", "b")


def test_one_tool_works_at_a_time_and_the_next_may_begin_when_it_is_cancelled(session, file, monkeypatch):
    goes, may_end, resize = threading.Event(), threading.Event(), lora_tools.resize

    def slow(*given, go_on, **more):
        goes.set()
        assert may_end.wait(60)
        return resize(*given, go_on=go_on, **more)

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
