"""The pictures of a version, for a page that shows and captions them."""

import threading
from pathlib import Path
from typing import Any

from PIL import Image

from lib_train.app.answers import answer_picture, answer_pictures
from lib_train.app.fits import dataset_on
from lib_train.app.folders import Permitted, with_own_folders
from lib_train.app.scans import Scans, looked_at
from lib_train.app.versions import Versions
from lib_train.config.dataset import DatasetConfig
from lib_train.config.run import RunConfig
from lib_train.errors import CaptionChanged, FileError, ProjectError
from lib_train.host.protocol import Host
from lib_train.pictures.buckets import Bucketing
from lib_train.pictures.images import open_picture
from lib_train.pictures.notes import Found, notes_on_one
from lib_train.pictures.records import Picture, Scan
from lib_train.pictures.sidecars import Captions, read_whole, tidied, write_whole
from lib_train.store.layout import files_in
from lib_train.texts import say, with_texts


class Gallery:
    """Lists the pictures that a version's settings train on, and writes their captions."""

    def __init__(self, host: Host, versions: Versions, permitted: Permitted) -> None:
        self.host, self.root, self._versions, self._permitted = host, versions.root, versions, permitted
        self.scanned = Scans().scan
        self._writing = threading.Lock()

    def listed(self, project: str, version: str) -> dict[str, Any]:
        """The pictures that the version's kept settings train on, with their captions, and what is wrong."""
        return answer_pictures(self._found(self._dataset(project, version)), self.root)

    def path(self, project: str, version: str, index: int) -> Path:
        """File number ``index`` of ``listed``.

        Raises:
            TrainToolsError: see ``details``.
        """
        pictures = self._found(self._dataset(project, version)).pictures
        if not 0 <= index < len(pictures):
            raise ProjectError(
                say("picture {index}: there are {count}; reload the list of pictures", index=index, count=len(pictures))
            )
        self._require_reachable(pictures[index].path)
        return pictures[index].path

    @staticmethod
    def thumbnail(path: str, side: int) -> Image.Image:
        """A picture file as it is trained, of at least twice ``side`` pixels where it has as many.

        Raises:
            DatasetError: the file is damaged or no picture; says why.
        """
        return open_picture(Path(path), least=2 * side)

    def details(self, project: str, version: str, index: int, name: str) -> dict[str, Any]:
        """Everything about one picture, its whole caption too.

        Args:
            index: its place in ``listed``.
            name: its file's name, as a check that the list is still the same.

        Raises:
            TrainToolsError: the list is another one meanwhile, or the picture may not be shown here.
        """
        dataset = dataset_on(self.host, self._config(project, version))
        picture = self._picture(dataset, index, name)
        file, caption = self._caption(picture, dataset)
        fit, look = Bucketing(dataset).fit(picture.width, picture.height), looked_at(picture.path)
        found = Found(picture=picture, animated=look.animated, captioned=file.is_file(), more_lines="\n" in caption,
                      damaged=look.damaged)  # fmt: skip
        same = picture.path.with_suffix("")
        shared = sum(other.path.with_suffix("") == same for other in self._found(dataset).pictures) > 1
        facts = answer_picture(picture, fit, cropped_by_chance=dataset.random_crop)
        words = {"index": index, "caption": caption, "caption_file": file.name,
                 "notes": notes_on_one(found, fit, shared, dataset)}  # fmt: skip
        return facts | with_texts(words)

    def keep_caption(
        self, project: str, version: str, index: int, name: str, replaces: str, caption: str
    ) -> dict[str, Any]:
        """Write a picture's caption, whole or not at all; see ``details`` for the rest.

        Args:
            replaces: the caption that the writer saw.

        Raises:
            CaptionChanged: the file holds another one meanwhile; it is left as it is.
            TrainToolsError: see ``details``, or the file cannot be written.
        """
        dataset = self._dataset(project, version)
        self._permitted.require_endings(RunConfig(dataset=dataset))
        picture = self._picture(dataset, index, name)
        with self._writing:
            file, present = self._caption(picture, dataset)
            if present not in (tidied(replaces), tidied(caption)):
                raise CaptionChanged(file.name, present)
            if present != tidied(caption):
                write_whole(file, caption)
        return self.details(project, version, index, name)

    def _dataset(self, project: str, version: str) -> DatasetConfig:
        return self._config(project, version).dataset

    def _config(self, project: str, version: str) -> RunConfig:
        """The kept settings, with the version's own folders where they name none.

        Raises:
            ConfigError: the host lets nobody choose folders, and one is named that lies outside of the root.
        """
        there = self._versions.named(project, version)
        config = there.kept().config
        self._permitted.require_folders(config)
        return with_own_folders(config, there)

    def _found(self, dataset: DatasetConfig) -> Scan:
        return self.scanned(dataset) if dataset.train_data_dir else Scan(pictures=(), problems=())

    def _picture(self, dataset: DatasetConfig, index: int, name: str) -> Picture:
        pictures = self._found(dataset).pictures
        there = isinstance(index, int) and 0 <= index < len(pictures)
        if not there or pictures[index].path.name != name:
            raise ProjectError(
                say("{name}: the list of pictures has changed meanwhile; choose the picture again", name=name)
            )
        self._require_reachable(pictures[index].path)
        return pictures[index]

    def _caption(self, picture: Picture, dataset: DatasetConfig) -> tuple[Path, str]:
        """Where the caption lies, or would lie, and what it is now."""
        path, endings = picture.path, dataset.caption_extension
        files = (path.with_name(name) for name in files_in(path.parent))
        file = Captions(files, endings).of(path)
        if file is None:
            ending = ".txt" if ".txt" in endings else endings[0]
            return path.with_name(path.stem + ending), _name_of(picture)
        self._require_reachable(file)
        return file, read_whole(file)

    def _require_reachable(self, path: Path) -> None:
        """A link may lead anywhere."""
        if self.host.folders_may_be_chosen() or path.resolve().is_relative_to(self.root.resolve()):
            return
        raise FileError(say("{name}: is a link out of the output folder; put the file itself there", name=path.name))


def _name_of(picture: Picture) -> str:
    """What a picture without a caption file is trained with: its folder's name behind the repeats."""
    return tidied(picture.folder.partition("_")[2])
