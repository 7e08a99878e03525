"""Base models without a WebUI: reads checkpoint files and makes modules of them."""
