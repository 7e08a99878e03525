from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lib_train.errors import ProjectError


class AxisOption:
    """As the WebUI's script makes them."""

    def __init__(self, label, type, apply, format_value=None, confirm=None, cost=0.0, choices=None, prepare=None):
        self.label, self.type, self.apply, self.format_value = label, type, apply, format_value
        self.confirm, self.choices = confirm, choices


FILES = {"mochi/v1/a": Path("/out/a.safetensors"), "mochi/v1/b": Path("/out/b.safetensors")}
SCRIPT = "/webui/scripts/xyz_grid.py"


def find(name):
    if name not in FILES:
        raise ProjectError(f"checkpoint = {name!r}: there is none of this name")
    return FILES[name]


@pytest.fixture
def added(adapter, monkeypatch):
    """Puts the axis into scripts, given as pairs of path and module; returns what was offered to prompts."""
    from modules import scripts

    from lib_train.host.webui.xyz import add_axis

    offered: list[Path] = []

    def add(*found):
        data = [SimpleNamespace(path=path, module=module) for path, module in found]
        monkeypatch.setattr(scripts, "scripts_data", data, raising=False)
        add_axis(lambda: [*FILES], find, offered.append)
        return offered

    return add


def a_module() -> Any:
    return SimpleNamespace(AxisOption=AxisOption, axis_options=[AxisOption("Nothing", str, None)])


def test_axis_is_added_once_and_a_cell_puts_the_checkpoint_on_with_its_weight(added):
    module = a_module()
    added((SCRIPT, module))
    offered = added((SCRIPT, module))
    assert [one.label for one in module.axis_options] == ["Nothing", "Train Tools checkpoint"]
    axis = module.axis_options[-1]
    assert axis.choices() == ["None", *FILES]
    prompts = []
    for value in ("mochi/v1/a", "mochi/v1/b:0.8", "None"):
        p = SimpleNamespace(prompt="a cat")
        axis.apply(p, value, [])
        prompts.append(p.prompt)
    assert prompts == ["<lora:a:1>a cat", "<lora:b:0.8>a cat", "a cat"]
    assert offered == [*FILES.values()]
    assert axis.format_value(None, axis, "mochi/v1/b:0.8") == "mochi/v1/b:0.8"


def test_a_value_that_is_no_checkpoint_is_refused_before_the_first_picture(added):
    module = a_module()
    added((SCRIPT, module))
    axis = module.axis_options[-1]
    axis.confirm(None, ["mochi/v1/a", "None", "mochi/v1/b:0.5"])
    with pytest.raises(ProjectError, match="'mochi/v1/c'"):
        axis.confirm(None, ["mochi/v1/a", "mochi/v1/c:0.5"])


@pytest.mark.parametrize(
    "script", [("/webui/scripts/other.py", a_module()), (SCRIPT, SimpleNamespace()), (SCRIPT, None)]
)
def test_nothing_happens_where_the_script_is_missing_or_another(added, script):
    added()
    added(script)
    assert len(getattr(script[1], "axis_options", [None])) == 1


@pytest.mark.usefixtures("adapter")
@pytest.mark.parametrize(
    ("value", "found"),
    [("p/v1/p-v1-r001:0.8", ("p/v1/p-v1-r001", 0.8)), (" p/v1/a : -1 ", ("p/v1/a", -1.0)), ("p/v1/a", ("p/v1/a", 1.0)),
     ("", ("", 1.0))],
)  # fmt: skip
def test_value_is_a_checkpoint_with_a_weight(value, found):
    from lib_train.host.webui.xyz import parted

    assert parted(value) == found
