"""What the WebUI executes: puts the Train Tools tab into it."""

from lib_train.webui_tab import register

register()
