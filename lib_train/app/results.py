"""Results of a version's runs: checkpoints, previews, sheets, curves; and installing them."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from lib_train.app.handover import install, installed
from lib_train.app.listing import grids_of, listed, previews_of, runs_of_version
from lib_train.app.lora_cards import card_of, installed_cards
from lib_train.app.versions import Versions
from lib_train.checkpoints.inspect import inspected
from lib_train.config.run import RunConfig
from lib_train.errors import ProjectError
from lib_train.host.protocol import Host
from lib_train.previews.grid import text_of
from lib_train.smoothing import thinned
from lib_train.store.layout import checked_name
from lib_train.store.runs import Run, run_named
from lib_train.texts import say, with_texts


class Results:
    """For one host and one root folder."""

    def __init__(self, host: Host, versions: Versions) -> None:
        self.host, self.versions, self.root = host, versions, versions.root

    def settings(self, project: str, version: str) -> RunConfig:
        """The version's settings; those of a fresh version are the defaults."""
        return self.versions.named(project, version).kept().config

    def checkpoint(self, project: str, version: str, name: str) -> Path:
        """A checkpoint file of a version by its name.

        Raises:
            ProjectError: there is none of this name.
        """
        found = (path for path in self.versions.named(project, version).checkpoints() if path.name == name)
        if (path := next(found, None)) is None or not path.resolve().is_relative_to(self.root.resolve()):
            raise ProjectError(say("checkpoint = {name!r}: there is none of this name; refresh the list", name=name))
        return path

    def checkpoints(self, project: str, version: str) -> list[dict[str, Any]]:
        """The version's checkpoints, newest first, with step, loss, size, previews, and whether the host has them."""
        found = listed(self.versions.named(project, version))
        return [{**one, "installed": installed(self.host, Path(one["path"]))} for one in found]

    def base_previews(self, project: str, version: str) -> list[str]:
        """Pictures of the base model alone: what weight 0 of every checkpoint shows."""
        return [str(path) for path in previews_of(self.versions.named(project, version), "base")]

    def grids(self, project: str, version: str) -> list[str]:
        """Comparison sheets, newest first."""
        return [str(path) for path in grids_of(self.versions.named(project, version))]

    def runs(self, project: str, version: str) -> list[dict[str, Any]]:
        """The version's runs, newest first."""
        return runs_of_version(self.versions.named(project, version))

    def series(self, project: str, version: str, run: str, since: int = 0) -> dict[str, list[tuple[int, float]]]:
        """Loss and learning rates of the run's steps after ``since``, each as (step, value), thinned out."""
        return {name: thinned(*curve) for name, curve in self._run(project, version, run).curves(since).items()}

    def events(self, project: str, version: str, run: str, since: int, limit: int) -> list[dict[str, Any]]:
        """At most ``limit`` lines of the run's log from line ``since`` on."""
        return self._run(project, version, run).events_from(since, limit)

    def inspected(self, project: str, version: str, name: str) -> dict[str, Any]:
        """What is in a checkpoint file.

        Raises:
            TrainToolsError: there is none of this name, or it holds no network.
        """
        path = self.checkpoint(project, version, name)
        facts = asdict(inspected(path))
        return with_texts({**facts, "name": path.name, "bytes": facts["size_bytes"]})

    def install(self, project: str, version: str, name: str) -> Path:
        """Copy a checkpoint into the host's LoRA folder with a card: trigger words, weight, picture.

        Raises:
            TrainToolsError: the host has no such folder, or another file of this name lies there.
        """
        source = self.checkpoint(project, version, name)
        card, pictures = card_of(self.versions.named(project, version), source, self.settings(project, version))
        return install(self.host, source, card, pictures)

    def installed(self) -> list[dict[str, str]]:
        """Of which checkpoints of any project the host's LoRA folder has files: their names there, and places."""
        return installed_cards(self.host, self.root)

    def sent(self, project: str, version: str, picture: str) -> dict[str, Any]:
        """A preview's infotext, with its LoRA made known to the host: what txt2img needs to make it again.

        Raises:
            ProjectError: it is no preview of this version.
        """
        there, path = self.versions.named(project, version), Path(picture)
        known = {str(found): found for found in (there.folder / "previews").glob("*/*.png")}
        if picture not in known:
            raise ProjectError(
                say(
                    "picture = {name!r}: is no preview of {project} {version}; refresh the list",
                    name=path.name,
                    project=project,
                    version=version,
                )
            )
        checkpoint = there.folder / "checkpoints" / f"{path.parent.name}.safetensors"
        if checkpoint.is_file():
            self.host.offer_lora(checkpoint)
        return {"infotext": text_of(known[picture])}

    def _run(self, project: str, version: str, name: str) -> Run:
        return run_named(self.versions.named(project, version), checked_name(name, "run"))
