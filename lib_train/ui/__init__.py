"""The tab: gradio, and nothing that decides."""
