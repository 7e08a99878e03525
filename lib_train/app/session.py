"""Everything that the tab and the API can do. Jobs and the queue outlive pages, browsers and Reload UI."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from lib_train.app.answers import answer_plan
from lib_train.app.bindings import Bindings
from lib_train.app.cards import Cards
from lib_train.app.catalogs import Catalogs
from lib_train.app.compare import Comparing
from lib_train.app.comparison import Comparison
from lib_train.app.edits import Editing
from lib_train.app.folders import Permitted
from lib_train.app.gallery import Gallery
from lib_train.app.imports import Imports
from lib_train.app.judgements import Judgements
from lib_train.app.kept import KeptSettings
from lib_train.app.lora_files import LoraFiles
from lib_train.app.masks import Masks
from lib_train.app.missing_pictures import MissingPictures
from lib_train.app.mixing import Mixing
from lib_train.app.outputs import HostOutputs
from lib_train.app.own_presets import OwnPresets
from lib_train.app.picture_sets import PictureSets
from lib_train.app.plans import examined
from lib_train.app.practice import Practice
from lib_train.app.preview_jobs import Flat, PreviewJobs
from lib_train.app.projects import Projects
from lib_train.app.regularisation import Regularisation
from lib_train.app.results import Results
from lib_train.app.retouch import Retouches, wish_of
from lib_train.app.sample import Samples
from lib_train.app.service import Service
from lib_train.app.sets import Sets
from lib_train.app.settings import read_section
from lib_train.app.settings_files import SettingsFiles
from lib_train.app.sheet_jobs import SheetJobs
from lib_train.app.snapshots import Snapshots
from lib_train.app.sweeps import Sweeps
from lib_train.app.taggers import Taggers
from lib_train.app.tagging import Tagging
from lib_train.app.tokens import Tokens
from lib_train.app.tool_runs import ToolRuns
from lib_train.app.training_jobs import TrainingJobs
from lib_train.app.travels import Travels
from lib_train.app.version_notes import Noting
from lib_train.app.versions import Versions
from lib_train.app.works import Works
from lib_train.app.writing import Writing
from lib_train.config.codec import config_of
from lib_train.config.fitting import fitted
from lib_train.config.queue import QueueConfig
from lib_train.errors import ConfigError
from lib_train.files import free_bytes, sweep
from lib_train.host.protocol import Host
from lib_train.jobs.queue import Put, Queue
from lib_train.jobs.status import Status
from lib_train.jobs.wishes import Wishes


class Session(Results):
    """Use cases of the tab, for one host and one root folder. Joins those of the other modules.

    Every method returns quickly, but ``plan_as_json``, which looks through the picture folders when they changed.

    Args:
        endings: of caption files that may be written beside ``CAPTIONS``.
        status: is told of jobs; None makes one.
    """

    def __init__(self, host: Host, root: Path, endings: Sequence[str] = (), status: Status | None = None) -> None:
        versions = Versions(root)
        super().__init__(host, versions)
        sweep(root)
        self._permitted = Permitted(host, root, endings)
        self.status, self.wishes = status or Status(root), Wishes()
        self.queue = Queue(root, self.status, self.wishes, host.idle_seconds)
        self.catalogs = Catalogs(Tokens(host))
        looking_in = self.catalogs.look
        self._service = Service(host, root, self.status, catalogs=self.catalogs)
        self.projects = Projects(root, self.queue.require_unused)
        self.noting = Noting(versions)
        self.make_sample = Samples(host, self.projects.create_free).make
        self.kept = KeptSettings(host, versions, self._permitted)
        self.keep_settings = self.kept.replace
        self.presets = OwnPresets(host, versions)
        self.settings_files = SettingsFiles(host, versions, self._permitted)
        self.works = Works(root)
        self.imports = Imports(versions, self._permitted, self.works)
        self.upload = self.imports.upload
        self.travels = Travels(host, versions, self._permitted, self.works)
        self.outputs = HostOutputs(host, root, self.imports.begin)
        self.gallery = Gallery(host, versions, self._permitted, self.catalogs)
        self.comparing = Comparing(versions, self.gallery.pictures_of, self._permitted.require_folders)
        self.picture_sets = PictureSets(self.gallery, versions, self._permitted)
        self.writing = Writing(host, self.gallery, self.picture_sets)
        self.practice = Practice(self.picture_sets, versions, self.catalogs)
        self.sets = Sets(self.picture_sets, root)
        self._retouches = Retouches(host, versions, self.picture_sets, self._permitted.path, self.works)
        self.lora_files = LoraFiles(host, versions, self._permitted.path)
        self.cards = Cards(host, versions, self._permitted, self._service.plans, looking_in)
        jobs = TrainingJobs(self._service, self.kept, self.queue, self.wishes, looking_in)
        self.train, self.add, self.resume = jobs.train, jobs.add, jobs.resume
        self.sweeps = Sweeps(self._service, self.kept, self.queue, self.wishes, jobs, looking_in)
        self.preview = PreviewJobs(self._service, self, self.lora_files, self.kept, self.queue, self.wishes).preview
        self.comparison = Comparison(host, versions)
        self.make_missing = MissingPictures(host, self.comparison, self.kept, self.preview).make
        self.sheets = SheetJobs(self._service, self, self.lora_files, self.kept, self.queue, self.wishes)
        working = self.queue, self.wishes, self.status
        self.tools = ToolRuns(host, versions, self.lora_files, self.works, *working)
        self.tools.sweep()
        self.mix = Mixing(versions, self.lora_files, self.tools).start
        self.tagging = Tagging(host, self.picture_sets, self._permitted, *working)
        self.judgements = Judgements(host, versions, looking_in, *working)
        self.regularisation = Regularisation(host, self.picture_sets, self.kept, *working)
        self.taggers = Taggers(host, self.tagging, *working)
        self.stop = self.queue.stop
        now = Snapshots(host, versions, self.status, self.queue, self.wishes, self.works, self.tagging)
        self.now, self.jobs, self.host_facts = now.now, now.of_jobs, now.of_host

    @property
    def busy(self) -> bool:
        """Whether a job is going on."""
        return self.queue.busy

    def later(self, name: str = "", note: str = "") -> Put:
        """What adds a job to the queue.

        Args:
            name, note: what to call it, and what to say of it.
        """
        return lambda job: self.queue.add(replace(job, name=name, note=note))

    def keep_queue_settings(self, changes: Mapping[str, Any]) -> None:
        """Change when waiting jobs begin; see ``QueueConfig``.

        Raises:
            ConfigError: a name is no setting, or a value cannot be used.
            TrainToolsError: they cannot be written.
        """
        self.queue.configure(lambda config: read_section(QueueConfig, {**asdict(config), **changes}))

    def retouch(
        self,
        project: str,
        version: str,
        action: str,
        wish: Mapping[str, Any],
        filter: str = "",
        ids: Collection[int] | None = None,
        dry_run: bool = False,
    ) -> dict[str, Any]:
        """Begin to do something to a version's pictures; see ``retouch.Wish``, and ``works``.

        Raises:
            TrainToolsError: there is none of this name, or the wish cannot be fulfilled.
        """
        return self._retouches.start(project, version, wish_of(action, wish), filter, ids, dry_run)

    def make_masks(
        self, project: str, version: str, source: str, filter: str, ids: Collection[int] | None, **told: Any
    ) -> dict[str, Any]:
        """Begin to make masks of a version's pictures; see ``Masks.prepared``, and ``works``.

        Raises:
            TrainToolsError: there is none of this name, or as there.
        """
        act = self.masks(project, version).prepared(source, filter, ids, **told)
        return self.works.start("masks", project, version, act, self.versions.existing(project, version).filled)

    def masks(self, project: str, version: str) -> Masks:
        """Masks of a version's pictures; see ``editing``."""
        return Masks(self.picture_sets.of(project, version), self._permitted.path)

    def editing(self, project: str, version: str) -> Editing:
        """Edits of a version's captions.

        Raises:
            TrainToolsError: there is none of this name, or its settings cannot be used.
        """
        return Editing(self.picture_sets.of(project, version))

    def bindings(self, project: str, version: str) -> Bindings:
        """Which tags belong to a version's characters; see ``editing``."""
        return Bindings(self.picture_sets.of(project, version))

    def plan_as_json(self, project: str, version: str, settings: Flat | None = None) -> dict[str, Any]:
        """What a run would do, as JSON values; nothing is written.

        Args:
            settings: by name; None takes the version's own, and what is wrong with its drafts stands in the plan.

        Raises:
            TrainToolsError: settings or base model cannot be used at all.
        """
        there = self.versions.named(project, version)
        kept = self.kept.of(there) if settings is None else None
        config = self._permitted(kept.config if kept else config_of(settings or {}))
        wrong = kept.problems if kept else ()
        try:
            report = self._service.plan(config, there, self.catalogs.look(there))
        except ConfigError as error:
            raise ConfigError((*wrong, *error.problems)) from error
        report = examined(report, self.practice.known(there, fitted(config, report.side)))
        report = replace(report, problems=(*wrong, *report.problems))
        pictures = self._service.count_pictures(config, there.checkpoints()[::-1], there)
        room = {"disk_free_bytes": free_bytes(there.folder)}
        return answer_plan(report, self.root) | {"preview_pictures": pictures, **room}

    def delete_checkpoint(self, project: str, version: str, name: str) -> Path:
        """Move a checkpoint into the trash below the root; returns where it lies.

        Raises:
            TrainToolsError: there is none of this name, or pictures of it are being made.
        """
        path = self.checkpoint(project, version, name)
        self.queue.require_unread(path)
        lies = self.versions.named(project, version).discard(path)
        self.host.forget_missing_loras()
        return lies
