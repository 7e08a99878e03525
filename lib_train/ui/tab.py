"""The tab's place in the WebUI. What stands in it is drawn by the scripts in ``javascript``."""

import gradio as gr

ROOT = '<div id="train_tools_root"></div>'
"""What the scripts fill."""


def build() -> gr.Blocks:
    """The blocks of a tab: one component, so that the WebUI starts and draws as fast as without us."""
    with gr.Blocks(analytics_enabled=False) as blocks:
        gr.HTML(ROOT, elem_id="train_tools_tab")
    return blocks
