"""The use cases that need no page: plan, train, resume, preview. The host comes in."""

from functools import partial
from pathlib import Path

from lib_train.app.axis_sheets import AxisDrawings
from lib_train.app.catalogs import Catalogs
from lib_train.app.drawings import Drawings
from lib_train.app.plans import Look, Plans
from lib_train.app.trainings import Trainings
from lib_train.app.versions import Versions
from lib_train.checkpoints.inspect import described
from lib_train.checkpoints.like_file import like
from lib_train.config.dataset import DatasetConfig
from lib_train.host.protocol import Host
from lib_train.jobs.listener import Listener, Nobody
from lib_train.jobs.outcome import Outcome
from lib_train.pictures.records import Scan
from lib_train.pictures.scan import scan
from lib_train.store.projects import Version

__all__ = ["Outcome", "Service", "described", "like"]


class Service:
    """Use cases on one host, below one root folder. Joins those of plans, trainings and drawings.

    Args:
        listener: who is told of progress; None is nobody.
        signals: whether Ctrl-C stops a run between two steps; only in the main thread.
        catalogs: remember the pictures of versions; None reads them for each run.
    """

    def __init__(
        self,
        host: Host,
        root: Path,
        listener: Listener | None = None,
        signals: bool = False,
        catalogs: Catalogs | None = None,
    ) -> None:
        self._catalogs = catalogs
        self.host, self.root = host, root
        self.listener: Listener = listener or Nobody()
        versions = Versions(root)
        plans = self.plans = Plans(host, root, self._scanned)
        trainings = Trainings(host, versions, plans, self.listener, self._looking_in, signals)
        drawings = Drawings(host, self.listener)
        self.sheets = AxisDrawings(host, self.listener)
        self.version = versions.made
        self.plan, self.accepted, self.base = plans.plan, plans.accepted, plans.base
        self.train, self.resume, self.resumed = trainings.train, trainings.resume, trainings.resumed
        self.preview, self.count_pictures = drawings.preview, drawings.count_pictures

    def _scanned(self, config: DatasetConfig) -> Scan:
        return scan(config, self._told)

    def _looking_in(self, version: Version) -> Look:
        if self._catalogs is None:
            return self._scanned
        return partial(self._catalogs.scan, version, progress=self._told)

    def _told(self, done: int, total: int) -> None:
        self.listener.working("pictures", done, total)
