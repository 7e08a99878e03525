"""One catalog for each version, filled in the background."""

import threading
from collections import OrderedDict
from collections.abc import Collection
from contextlib import suppress
from functools import partial
from pathlib import Path

from lib_train.app.examinations import Examinations, Limits, limits_of
from lib_train.app.plans import Look
from lib_train.app.tokens import Tokens
from lib_train.config.dataset import DatasetConfig
from lib_train.config.run import RunConfig
from lib_train.errors import TrainToolsError
from lib_train.pictures.catalog import Catalog, Progress
from lib_train.pictures.places import Places
from lib_train.pictures.records import Scan
from lib_train.pictures.stock import Stock
from lib_train.store.projects import Version

_REMEMBERED = 8


class Catalogs:
    """What is known of the pictures of versions.

    Args:
        tokens: counts those of captions.
    """

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self.examinations = Examinations()
        self._catalogs: OrderedDict[Path, Catalog] = OrderedDict()
        self._filling: dict[Path, threading.Thread] = {}
        self._lock = threading.Lock()

    def of(self, version: Version) -> Catalog:
        """The version's catalog, whether the version is there or not."""
        folder = version.folder
        with self._lock:
            if folder not in self._catalogs:
                self._catalogs[folder] = Catalog(Places.of_version(folder))
            self._catalogs.move_to_end(folder)
            while len(self._catalogs) > _REMEMBERED:
                self._catalogs.popitem(last=False)
            return self._catalogs[folder]

    def limits(self, config: RunConfig) -> Limits:
        """What the doctor measures captions and buckets by."""
        return limits_of(config, self._tokens.of)

    def scan(self, version: Version, dataset: DatasetConfig, progress: Progress | None = None) -> Scan:
        """The pictures of settings, as ``pictures.scan.scan`` finds them; reads what is new alone."""
        return self.of(version).scan(dataset, progress)

    def look(self, version: Version) -> Look:
        """The same for callers that know no version."""
        return partial(self.scan, version)

    def fill(self, version: Version, dataset: DatasetConfig, first: Collection[int] = ()) -> None:
        """Measure all pictures and count all captions in the background, where that is not done or going on.

        Args:
            first: ids of those that somebody is looking at.
        """
        catalog, folder = self.of(version), version.folder
        if self._is_full(catalog.recent(dataset)):
            return
        with self._lock:
            going = self._filling.get(folder)
            if going is None or not going.is_alive():
                going = threading.Thread(target=self._fill, args=(catalog, dataset, frozenset(first)), daemon=True)
                self._filling[folder] = going
                going.start()

    def wait(self) -> None:
        """Until nothing is filled any more."""
        for going in list(self._filling.values()):
            going.join()

    def _is_full(self, stock: Stock) -> bool:
        return stock.measured == len(stock.parts) and all(entry.tokens is not None for entry in stock.entries)

    def _fill(self, catalog: Catalog, dataset: DatasetConfig, first: Collection[int]) -> None:
        """One thread alone, so that pages and the host go on."""
        catalog.measure(dataset, only=first.__contains__, threads=1)
        stock = catalog.measure(dataset, threads=1)
        lines = [entry.line for entry in stock.entries]
        with suppress(TrainToolsError):  # no model is loaded, or it is being loaded: the next one who asks tries again
            self._tokens.of(lines)
            catalog.count(self._tokens.known(lines))
