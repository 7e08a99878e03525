"""What the WebUI executes: puts the Train Tools tab into it, and the script that it asks before each picture."""

from lib_train.host.webui.script import TrainToolsScript as TrainToolsScript
from lib_train.webui_tab import register

register()
