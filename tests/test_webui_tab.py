import sys
from types import ModuleType, SimpleNamespace

import pytest

pytest.importorskip("gradio", reason="the tab's packages are not installed", exc_type=ImportError)


@pytest.fixture
def tab(monkeypatch):
    """The module that a WebUI loads, with what it asks of one."""
    modules = ModuleType("modules")
    modules.paths_internal, modules.script_callbacks = SimpleNamespace(data_path="."), SimpleNamespace()  # type: ignore[attr-defined]
    modules.shared = SimpleNamespace(cmd_opts=SimpleNamespace())  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "modules", modules)
    monkeypatch.delitem(sys.modules, "lib_train.webui_tab", raising=False)
    from lib_train import webui_tab

    yield webui_tab
    sys.modules.pop("lib_train.webui_tab", None)


@pytest.mark.parametrize(
    ("flags", "origin", "trusted"),
    [
        ({}, "https://a.example", False),
        ({"cors_allow_origins": None, "cors_allow_origins_regex": None}, "https://a.example", False),
        ({"cors_allow_origins": "https://a.example,https://b.example"}, "https://b.example", True),
        ({"cors_allow_origins": "https://a.example"}, "https://a.example.evil.test", False),
        ({"cors_allow_origins": "https://a.example"}, "", False),
        ({"cors_allow_origins": "*"}, "https://evil.test", True),
        ({"cors_allow_origins_regex": r"https://.*\.example"}, "https://c.example", True),
        ({"cors_allow_origins_regex": r"https://.*\.example"}, "https://c.example.evil.test", False),
    ],
)
def test_origins_are_trusted_as_the_webui_s_own_flags_say(tab, flags, origin, trusted):
    tab.shared.cmd_opts = SimpleNamespace(**flags)
    assert tab._trusted(origin) is trusted
