"""Tests that run on every device there is: on a CPU always, so that they are known to work, on CUDA by ``-m gpu``."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
import torch
from PIL import Image

from lib_train.host.protocol import BaseModel
from lib_train.host.shared.transfer import sent
from lib_train.host.standalone.host import StandaloneHost
from lib_train.training import assemble
from tests.fake_model import FakeModel

CPU, CUDA = torch.device("cpu"), torch.device("cuda")


_NO_HALF = pytest.mark.skipif(not hasattr(torch.amp, "GradScaler"), reason="this torch has no fp16 on a CPU")


def subjects(*more: tuple[object, ...], light: tuple[object, ...], fp16: bool) -> list[object]:
    """Parameters (device, ...): ``light`` ones on a CPU and on CUDA, ``more`` on CUDA alone.

    Args:
        fp16: whether ``light`` computes in fp16.
    """
    return [
        pytest.param(CPU, *light, id="-".join(["cpu", *map(str, light)]), marks=[_NO_HALF] if fp16 else []),
        *(
            pytest.param(CUDA, *one, id="-".join(["cuda", *map(str, one)]), marks=pytest.mark.gpu)
            for one in (light, *more)
        ),
    ]


@pytest.fixture(params=[CPU, pytest.param(CUDA, marks=pytest.mark.gpu)], ids=str)
def device(request: pytest.FixtureRequest) -> torch.device:
    found: torch.device = request.param
    return found


@pytest.fixture(autouse=True)
def any_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    """fp16 on a CPU too: torch computes it there, slowly, which is why runs refuse it."""
    monkeypatch.setattr(assemble, "problems_on", lambda *settings: [])


class FakeModelOn(FakeModel):
    """The model of a few layers on a device."""

    def __init__(self, device: torch.device) -> None:
        super().__init__()
        self.device = device
        for module in (self.unet, *self.text_encoders):
            module.to(device)
            module.register_forward_pre_hook(lambda _, tensors: tuple(sent(tensor, device) for tensor in tensors))


@pytest.fixture
def lent(checkpoints_of: Callable[[str], Path]) -> Callable[..., AbstractContextManager[BaseModel]]:
    """A context: on a device, the model of a few layers ("fake"), or the tiny checkpoint of a family in a format."""

    @contextmanager
    def borrow(device: torch.device, family: str, kept: torch.dtype = torch.float32) -> Iterator[BaseModel]:
        if family == "fake":
            yield FakeModelOn(device)
            return
        host = StandaloneHost(device=device.type, dtype=kept)
        with host.borrow(host.find(str(checkpoints_of(family)))) as model:
            yield model

    return borrow


@pytest.fixture
def checkpoints_of(request: pytest.FixtureRequest) -> Callable[[str], Path]:
    """Made when the first test asks for one."""
    return lambda family: request.getfixturevalue("checkpoints")[family]


@pytest.fixture
def squares(tmp_path: Path) -> Path:
    """A train_data_dir with four square pictures of 64 pixels: every batch has one size."""
    inner = tmp_path / "squares" / "2_mochi"
    inner.mkdir(parents=True)
    for index in range(4):
        Image.new("RGB", (64, 64), (60 * index, 120, 200 - 60 * index)).save(inner / f"{index}.png")
        (inner / f"{index}.txt").write_text(f"mochi, number {index}, blue", encoding="utf-8")
    return inner.parent
