import warnings

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    gr = pytest.importorskip("gradio", reason="the WebUI's packages are not installed")

from lib_train.ui.tab import build

pytestmark = pytest.mark.filterwarnings("ignore")  # gradio's own, of which there are many


def test_tab_is_one_component_that_the_webui_neither_saves_nor_asks():
    blocks = build()
    (place,) = (block for block in blocks.blocks.values() if isinstance(block, gr.components.Component))
    assert (type(place), place.value) == (gr.HTML, '<div id="train_tools_root"></div>')
    assert blocks.fns == []
