"""The same tab without a WebUI, on this machine alone."""

from pathlib import Path

import gradio as gr

from lib_train.api.routes import router
from lib_train.app.session import Session
from lib_train.ui.tab import build

_HERE = Path(__file__).parents[2]
_AS_IN_THE_WEBUI = ".gradio-container { overflow: visible !important; }"  # or nothing stays in sight on scrolling


def serve(session: Session, port: int, block: bool = True) -> str:
    """Open the tab at 127.0.0.1; returns its address once it answers."""
    style = (_HERE / "style.css").read_text(encoding="utf-8") + _AS_IN_THE_WEBUI
    scripts = sorted((_HERE / "javascript").glob("*.js"))  # the order in which the WebUI loads them
    script = "\n".join(path.read_text(encoding="utf-8") for path in scripts)
    with gr.Blocks(title="Train Tools", css=style) as page:
        page.load(None, None, None, _js=f"() => {{ {script} }}")
        build(session.projects, session.host.samplers())  # blocks inside blocks are part of them
    app, address, _ = page.launch(
        server_name="127.0.0.1", server_port=port, prevent_thread_lock=True, quiet=True, show_api=False
    )
    app.include_router(router(session))
    if block:
        page.block_thread()
    return str(address)
