from contextlib import AbstractContextManager, nullcontext

import torch

cpu = device = device_interrogate = torch.device("cpu")
dtype = torch.float32
fp8 = False


def autocast(disable: bool = False) -> AbstractContextManager[None]:
    return nullcontext()


def torch_gc() -> None:
    pass
