"""The present state as JSON values, for pages that poll."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from lib_train.app.listing import runs_of_version
from lib_train.app.tagging import Tagging
from lib_train.app.versions import Versions
from lib_train.app.works import Works
from lib_train.error_json import without_root
from lib_train.errors import TrainToolsError
from lib_train.host.protocol import Host
from lib_train.jobs.file_facts import own_version
from lib_train.jobs.queue import Queue
from lib_train.jobs.status import Status
from lib_train.jobs.wishes import Wishes
from lib_train.pictures.cutouts import MODELS
from lib_train.planning.device import memory_in_use, memory_of
from lib_train.smoothing import thinned
from lib_train.store.choices import CHOICES
from lib_train.store.figures import FIGURES
from lib_train.store.projects import Version
from lib_train.texts import with_texts


class Snapshots:
    """Of one host and its running job."""

    def __init__(
        self, host: Host, versions: Versions, status: Status, queue: Queue, wishes: Wishes, works: Works,
        tagging: Tagging,
    ) -> None:  # fmt: skip
        self._host, self._versions, self._works, self._tagging = host, versions, works, tagging
        self._status, self._queue, self._wishes = status, queue, wishes

    def now(self, project: str = "", version: str = "", since: int = 0) -> dict[str, Any]:
        """Everything that moves: the job with its curves, the queue, the host, and the chosen version's runs.

        Args:
            project, version: what somebody looks at; empty, or none that there is, has no runs and no revision.
            since: values of steps up to this one are left out of the curves.
        """
        with self._queue.still():
            job, curves = self._status.job_and_curves(since)
            facts = self._jobs(job) | {"wishes": self._wishes.snapshot()}
        facts["series"] = {name: thinned(*curve) for name, curve in curves.items()}
        facts["memory_bytes"] = memory_in_use(self._host.device) if facts["busy"] else None
        self._host.forget_missing_loras()
        facts["host"] = with_texts({"problem": self._host.problem(), "base_model": self._base_model()})
        facts["runs"], facts["revision"], facts["listing"] = [], None, self._listing(project)
        facts["checkpoints"] = ""
        facts["folder"], facts["proposal"] = "", self._tagging.number(project, version)
        going = (one for one in self._works.listed(project, version) if not one["ended"])
        facts["works"] = [{name: one[name] for name in ("number", "kind", "done", "total")} for one in going]
        with suppress(TrainToolsError):
            if project and version:
                there = self._versions.named(project, version)
                facts["runs"], facts["revision"] = runs_of_version(there), there.kept().revision
                facts["checkpoints"] = _written(there, "checkpoints", CHOICES, FIGURES)
                facts["folder"] = without_root(str(there.folder), self._versions.root)
        return facts

    def _listing(self, project: str) -> str:
        """Another text whenever a project, a version of this one or its notes are made, renamed, written or deleted."""
        times = [_changed(self._versions.root)]
        with suppress(TrainToolsError):
            if project:
                folder = self._versions.project(project).folder
                times += [_changed(folder / "versions"), _changed(folder / "project.json")]
        return "-".join(map(str, times))

    def of_jobs(self) -> dict[str, Any]:
        """The running or last job, the queue, and a number that grows with every change."""
        with self._queue.still():
            return self._jobs(self._status.job())

    def _jobs(self, job: dict[str, Any]) -> dict[str, Any]:
        return {"busy": self._queue.busy, "job": job, "queue": self._queue.snapshot(), "changes": job.pop("changes")}

    def of_host(self) -> dict[str, Any]:
        """The host: its loaded model, what it offers, and why it cannot train now (``problem``)."""
        self._host.forget_missing_loras()
        facts = {
            "train_tools": own_version(),
            "problem": self._host.problem(),
            "base_model": self._base_model(),
            "device": self._host.device.type,
            "memory_bytes": memory_of(self._host.device),
            "samplers": self._host.samplers(),
            "upscalers": list(self._host.upscalers()),
            "cut_outs": list(MODELS),
            "installs": self._host.lora_folder() is not None,
            "outputs": bool(self._host.output_folders()),
            "folders_may_be_chosen": self._host.folders_may_be_chosen(),
            "txt2img": self._txt2img(),
        }
        return with_texts(facts)

    def _txt2img(self) -> dict[str, Any] | None:
        with suppress(TrainToolsError):
            return self._host.txt2img()._asdict()
        return None

    def _base_model(self) -> str:
        """Title of the model that is trained where the settings name none; empty where ``problem`` says why."""
        with suppress(TrainToolsError):
            return self._host.find("").title
        return ""


def _written(version: Version, *names: str) -> str:
    """Another text whenever one of a version's files and folders is written, by whatever process."""
    return "-".join(str(_changed(version.inside(name))) for name in names)


def _changed(path: Path) -> int:
    """When something was changed, in nanoseconds; 0 where there is nothing."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
