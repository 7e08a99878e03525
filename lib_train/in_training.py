"""What a run gives to a host whose prompts may name the network in training."""

from pathlib import Path
from typing import Protocol


class InTraining(Protocol):
    """The network of a run that goes on, for a host whose prompts may name it."""

    @property
    def folder(self) -> Path:
        """Where its files may lie as long as the run goes on."""

    @property
    def step(self) -> int:
        """The last optimizer step; 0 before the first. Other weights have another step."""

    @property
    def label(self) -> str:
        """Project, version, run and step, for an infotext: no comma, colon or quote in it."""

    @property
    def about(self) -> str:
        """How far it is, for people."""

    @property
    def sample(self) -> Path | None:
        """The newest picture of it.

        Raises:
            OSError: it was deleted meanwhile.
        """

    def write(self, path: Path) -> None:
        """Write the network file that a checkpoint of now is, whole or not at all. Call it while nothing is trained.

        Raises:
            FileError: it cannot be written.
        """
