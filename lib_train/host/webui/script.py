"""What the WebUI asks before each picture of txt2img."""

from typing import Any

from modules import scripts

from lib_train.host.webui.remembered import REMEMBERED


class TrainToolsScript(scripts.Script):  # type: ignore[misc]
    """Without settings, and without effect on the picture."""

    def title(self) -> str:
        return "Train Tools"

    def show(self, is_img2img: bool) -> Any:
        return not is_img2img and scripts.AlwaysVisible

    def before_process(self, p: Any, *args: Any) -> None:
        REMEMBERED.remember(p)
