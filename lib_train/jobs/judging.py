"""Measures checkpoints on a borrowed model, one after the other; figures are kept as soon as they are there."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from math import isfinite
from pathlib import Path
from threading import Event as Flag

from torch import Tensor

from lib_train.checkpoints.files import read_network
from lib_train.checkpoints.inspect import require_sound
from lib_train.errors import DatasetError, HostModelError, PictureError
from lib_train.host.protocol import BaseModel, Host
from lib_train.jobs.given import given_for
from lib_train.jobs.judged_pictures import (
    Judging,
    Latents,
    mark_of_previews,
    pixels_of_preview,
    previews_at,
)
from lib_train.jobs.listener import Listener
from lib_train.jobs.provenance import mark_of
from lib_train.jobs.running import freeing_memory, reporting_errors
from lib_train.judging.asking import Asking
from lib_train.judging.figures import figures_of, finite
from lib_train.judging.nearest import Near, gaps, nearest, pooled
from lib_train.judging.probes import Probes, probes_of
from lib_train.judging.sizes import sizes_by_block
from lib_train.networks.network import Network
from lib_train.store.figures import Judged, judged_in, keep_judged
from lib_train.store.projects import Version
from lib_train.texts import say
from lib_train.training.assemble import background_on

WORK = "figures"
_WITH_LESS = say("close other programs, or train with a lower train_batch_size; then judge the checkpoints again")


def due(version: Version, judging: Judging, checkpoints: Sequence[Path]) -> list[Path]:
    """Those of the checkpoints whose figures are missing, or of other weights, previews or ways to measure.

    Raises:
        TrainToolsError: a file cannot be read.
    """
    kept = judged_in(version)
    return [path for path in checkpoints if not _is_known(kept.get(path.name), version, judging, path)]


def _is_known(kept: Judged | None, version: Version, judging: Judging, path: Path) -> bool:
    if kept is None or (kept.content, kept.measured) != (mark_of(path).content, judging.mark):
        return False
    return kept.previews == mark_of_previews(previews_at(version, path))


def judge(
    host: Host, version: Version, judging: Judging, checkpoints: Sequence[Path], listener: Listener, stop: Flag
) -> int:
    """Measure the checkpoints that are due; returns how many were measured.

    Ends early, between two batches, when ``stop`` is set; sets it where the host wishes to stop.

    Raises:
        TrainToolsError: a file or the base model cannot be used, or the model changed; what was measured is kept.
    """
    wanted = due(version, judging, checkpoints)
    if not wanted:
        return 0
    if not judging.pictures:
        raise DatasetError(say("there are no training pictures to judge by; put them back where the run found them"))
    require_sound(wanted)
    with version.drawn(), reporting_errors(str, _WITH_LESS), host.borrow(judging.ref) as model, freeing_memory():
        return Judge(model, version, judging, listener, stop).judge(wanted)


class Judge:
    """Measures on a model that carries no network. See ``judge``."""

    def __init__(self, model: BaseModel, version: Version, judging: Judging, listener: Listener, stop: Flag) -> None:
        self._model, self._version, self._judging = model, version, judging
        self._listener, self._stop = listener, stop
        self._asking = Asking(model, judging.config.training)
        network = replace(judging.config.network, network_weights="")  # what training began with is no matter here
        given = given_for(replace(judging.config, network=network), model.family, None)
        self._below = background_on(model, given)
        self._done = self._total = 0

    def judge(self, checkpoints: Sequence[Path]) -> int:
        """Returns how many were measured before somebody stopped it."""
        latents = Latents(self._judging, self._model, self._version)
        for done, total in latents.fill():
            if not self._goes_on("latents", done, total, nullcontext):
                return 0
        probes = self._probes(latents)
        trained = [pooled(shown.latents) for shown in latents.trained()]
        self._total = len(self._asking.batches(probes.questions)) * (len(checkpoints) + 1)
        with self._below.attached() if self._below else nullcontext():
            before = self._answers(probes, self._below.paused if self._below else nullcontext)
        if before is None:
            return 0
        for count, path in enumerate(checkpoints):
            judged = self._judged(path, probes, before, trained)
            if judged is None:
                return count
            keep_judged(self._version, path, judged)
        return len(checkpoints)

    def _probes(self, latents: Latents) -> Probes:
        judging, model = self._judging, self._model
        return probes_of(
            latents.trained(),
            latents.unseen(),
            judging.words,
            mirrored=judging.mirrored,
            bars=model.alphas_cumprod,
            prediction=model.prediction_type,
            timesteps=judging.timesteps,
            seed=judging.config.training.seed,
        )

    def _judged(self, path: Path, probes: Probes, before: list[Tensor], trained: Sequence[Tensor]) -> Judged | None:
        """The figures of one checkpoint; None where somebody stopped it."""
        begun, model = time.monotonic(), self._model
        content = mark_of(path).content
        tensors, metadata = read_network(path)
        network = Network.from_tensors(
            tensors, model.family, model.unet, model.text_encoders, metadata, below=self._below
        )
        with network.attached():
            after = self._answers(probes, network.paused)
        if after is None:
            return None
        if not finite(after):
            raise HostModelError(
                say("{name}: predictions with it are NaN or infinite; choose an earlier checkpoint", name=path.name)
            )
        found, sizes = figures_of(probes, before, after), sizes_by_block(network)
        previews = previews_at(self._version, path)
        near = dict(self._near(previews, trained))
        whole = sizes.pop("")
        values = {**found.values, "size": whole.share, "stable_rank": whole.stable_rank}
        if near:
            values["copies"] = sum(one.copied for one in near.values()) / len(near)
        return Judged(
            content=content,
            measured=self._judging.mark,
            figures=values,
            bands=found.bands,
            blocks={block: list(size) for block, size in sorted(sizes.items())},
            previews=mark_of_previews(previews),
            copies=[self._copy(name, one) for name, one in near.items()],
            seconds=round(time.monotonic() - begun, 3),
        )

    def _answers(self, probes: Probes, paused: Callable[[], AbstractContextManager[None]]) -> list[Tensor] | None:
        """A prediction for each question; None where somebody stopped it."""
        found: dict[int, Tensor] = {}
        for some in self._asking.answers(probes.questions):
            found |= some
            self._done += 1
            if not self._goes_on(WORK, self._done, self._total, paused):
                return None
        return [found[place] for place in range(len(found))]

    def _near(self, previews: Sequence[Path], trained: Sequence[Tensor]) -> Iterator[tuple[str, Near]]:
        apart = gaps(trained)
        if not all(map(isfinite, apart)):  # of a single picture nobody can say how near is near
            return
        for path in previews:
            try:
                pixels = pixels_of_preview(path)
            except PictureError:  # somebody put something else there
                continue
            mean = self._model.encode_images(pixels.to(self._model.device))[0]
            yield path.name, nearest(pooled(mean[0].cpu()), trained, apart)

    def _copy(self, name: str, near: Near) -> dict[str, object]:
        picture = self._judging.pictures[near.picture]
        told = {"preview": name, "picture": f"{picture.folder}/{picture.path.name}"}
        return {**told, "distance": near.distance, "share": near.share}

    def _goes_on(self, what: str, done: int, total: int, paused: Callable[[], AbstractContextManager[None]]) -> bool:
        self._listener.working(what, done, total)
        if not self._model.between_steps(done, total, paused):
            self._stop.set()
        return not self._stop.is_set()
