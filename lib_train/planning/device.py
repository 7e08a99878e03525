"""The memory of a device, where it has its own."""

from contextlib import suppress

import torch


def memory_of(device: torch.device) -> int | None:
    """Bytes that the device has in all; None where it has none of its own, or nothing tells."""
    if device.type != "cuda":
        return None
    with suppress(RuntimeError, AssertionError):  # torch finds no card any more
        return int(torch.cuda.get_device_properties(device).total_memory)
    return None


def memory_in_use(device: torch.device) -> int | None:
    """Bytes of it that all programs together have taken now."""
    if device.type != "cuda":
        return None
    with suppress(RuntimeError, AssertionError):
        free, total = torch.cuda.mem_get_info(device)
        return int(total - free)
    return None
