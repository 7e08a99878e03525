from typing import Any

current_unet_option = "chosen"


def apply_unet(option: Any = None) -> None:
    global current_unet_option
    current_unet_option = option or "chosen"
