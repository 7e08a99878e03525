"""What a run is made from: base model, VAE, pictures, captions and settings, by content wherever they lie."""

import hashlib
import json
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from lib_train.checkpoints.hashes import content_mark
from lib_train.config.dataset import DatasetConfig
from lib_train.config.run import SECTIONS
from lib_train.errors import HostModelError, ModelFileError, reason
from lib_train.host.protocol import BaseModel, BaseModelRef
from lib_train.pictures.captions import compose, steady
from lib_train.pictures.records import Scan
from lib_train.store.runs import Run
from lib_train.texts import say
from lib_train.training.plan import TrainPlan

_KEY = "made_of"
"""In run.json, and among the facts of a state."""
_HARMLESS = {
    "train_data_dir", "reg_data_dir", "on_bad_file", "cache_latents_to_disk", "vae_batch_size",
    "save_every_n_epochs", "save_every_n_steps", "save_state_every_n_steps", "save_precision", "training_comment",
    "network_weights", "base_weights", "validation_data_dir", "validate_every_n_steps", "validate_every_n_epochs",
    "max_validation_steps", "log_with", "stop_when_learned", "judge_after_training",
}  # fmt: skip
"""Settings that no number of a run depends on, beside those of previews: paths count by their contents."""


class FileMark(NamedTuple):
    """A base model or VAE file."""

    title: str
    path: str
    content: str
    """See ``content_mark``."""
    sha256: str = ""
    """Where the host knew it."""

    def __str__(self) -> str:
        if self.sha256:
            return f"{self.title} [{self.sha256[:10]}]"
        return say("{title} (content {content})", title=self.title, content=self.content[:10])


Base = tuple[FileMark, FileMark | None]
"""Base model and separate VAE; None is the checkpoint's own."""


class PictureMark(NamedTuple):
    """A picture in its place."""

    folder: str
    name: str
    reg: bool
    repeats: int
    content: str
    caption: str
    """Of picture and caption: the begin of their sha256."""
    mask: str = ""
    """The same of its mask; empty where it has none, or masks do not count."""


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """Everything that determines a run's numbers, except the program's own code."""

    base_model: FileMark
    vae: FileMark | None
    """None is the checkpoint's own."""
    pictures: tuple[PictureMark, ...]
    """In the order of the scan, on which shuffling depends; then those that are held out, with 0 repeats."""
    total_steps: int
    batches_per_epoch: int
    settings: Mapping[str, Any]
    """Settings that change numbers, by name."""
    background: tuple[FileMark, ...] = ()
    """Files of base_weights."""
    prediction_type: str = ""
    schedule: tuple[float, ...] = ()
    """Some of the base model's cumulative alphas."""

    def on(self, model: BaseModel) -> "Provenance":
        """The same, with values that only the loaded base model knows."""
        bars = model.alphas_cumprod[[0, 250, 500, 750, 999]].tolist()
        return replace(self, prediction_type=model.prediction_type, schedule=tuple(round(bar, 7) for bar in bars))

    @property
    def data(self) -> str:
        """Digest of the contents of pictures and captions; names and folders do not change it."""
        rows = [
            (one.content, one.caption, one.repeats, one.reg, *((one.mask,) if one.mask else ()))
            for one in self.pictures
        ]
        return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:32]

    def to_json(self) -> dict[str, Any]:
        """As JSON values, with the pictures as a number and ``data``."""
        files: dict[str, Any] = {"base_model": self.base_model._asdict(), "vae": self.vae and self.vae._asdict()}
        files["background"] = [one._asdict() for one in self.background]
        rest = {"pictures": len(self.pictures), "data": self.data, "schedule": list(self.schedule)}
        return {**asdict(self), **files, **rest}


def provenance_of(
    settings: Mapping[str, Any],
    found: Scan,
    ref: BaseModelRef,
    plan: TrainPlan,
    hash_of: Callable[[Path], str],
) -> Provenance:
    """The provenance of a run with these settings and pictures.

    Args:
        settings: as run.json keeps them, so that they compare equal whatever a later version makes of them.
        hash_of: sha256 of a picture file.

    Raises:
        TrainToolsError: a file cannot be read.
    """
    base_model, vae = base_of(ref)
    return Provenance(
        base_model=base_model,
        vae=vae,
        pictures=tuple(
            PictureMark(
                folder=unicodedata.normalize("NFC", one.folder),
                name=unicodedata.normalize("NFC", one.path.name),
                reg=one.is_reg,
                repeats=one.repeats,
                content=hash_of(one.path)[:16],
                caption=hashlib.sha256(one.caption.encode(errors="surrogatepass")).hexdigest()[:16],
                mask=hash_of(one.mask)[:16] if one.mask else "",
            )
            for one in (*found.pictures, *(replace(held, repeats=0) for held in found.held_out))
        ),  # fmt: skip
        total_steps=plan.total_steps,
        batches_per_epoch=plan.batches_per_epoch,
        settings=_deciding(settings),
        background=tuple(mark_of(Path(file)) for file in settings.get("network", {}).get("base_weights", ())),
    )


def base_of(ref: BaseModelRef) -> Base:
    """The files of a base model by their content.

    Raises:
        ModelFileError: one cannot be read.
    """
    vae = mark_of(ref.vae) if ref.vae else None
    return mark_of(ref.path)._replace(title=ref.title, sha256=ref.sha256), vae


def same_base(one: Base, other: Base) -> bool:
    """Whether both have the same content, whatever their names."""
    return [mark and mark.content for mark in one] == [mark and mark.content for mark in other]


def base_json(base: Base) -> list[dict[str, Any] | None]:
    """As JSON values."""
    return [mark and mark._asdict() for mark in base]


def base_from(marks: Sequence[Mapping[str, Any] | None]) -> Base | None:
    """The base that ``base_json`` gave; None for what is none."""
    try:
        base_model, vae = (FileMark(**mark) if mark else None for mark in marks)
    except (TypeError, ValueError):
        return None
    return (base_model, vae) if base_model else None


def require_same_base(then: Base, ref: BaseModelRef) -> None:
    """Check that base model and VAE are still the ones of when the job was queued.

    Raises:
        HostModelError: it has others now; names those of then.
    """
    now = base_of(ref)
    if not same_base(then, now):
        first, second = (
            say("{base} with {vae}", base=base, vae=vae or say("its own VAE")) for base, vae in (then, now)
        )
        raise HostModelError(
            say("this training was added to the queue on {first}, and would be trained on {second} now: choose the "
                "first again, or remove it from the queue", first=first, second=second)
        )  # fmt: skip


def mark_of(path: Path) -> FileMark:
    """A model file by its content.

    Raises:
        ModelFileError: it cannot be read.
    """
    try:
        stat = path.stat()
        return FileMark(path.name, str(path), _remembered(path, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size))
    except OSError as error:
        raise ModelFileError(
            say("{path}: cannot be read ({why}); check the path", path=path, why=reason(error))
        ) from error


@lru_cache(maxsize=2000)
def _remembered(path: Path, changed: int, written: int, size: int) -> str:
    """Everything behind ``path`` is part of the key alone; a program may set back when a file changed."""
    return content_mark(path)


def _deciding(settings: Mapping[str, Any]) -> dict[str, Any]:
    sections = [settings.get(name, {}) for name in SECTIONS if name != "preview"]
    return {name: value for section in sections for name, value in section.items() if name not in _HARMLESS}


def keep(run: Run, made: Provenance, captions: Iterable[Mapping[str, str]]) -> None:
    """Write it into run.json, and the marks of pictures beside it, with their captions; see ``captions_of``."""
    run.keep_pictures([list(one) for one in made.pictures], captions)
    run.keep(_KEY, made.to_json())


def captions_of(found: Scan, config: DatasetConfig) -> list[dict[str, str]]:
    """Captions of all pictures in the order of their marks: as written, and as they are trained where that differs.

    What chance does to them, shuffling and dropping, is left out: "trained" is all that may be trained.
    """
    steadily = steady(config)
    written = [one.caption for one in (*found.pictures, *found.held_out)]
    trained = [compose(caption, steadily, Random(0), 1) for caption in written]
    return [{"caption": one, **({"trained": other} if one != other else {})}
            for one, other in zip(written, trained, strict=True)]  # fmt: skip


def facts_of(made: Provenance) -> dict[str, Any]:
    """The part of it that a state keeps."""
    return {_KEY: made.to_json()}


def kept(run: Run, state: Mapping[str, Any]) -> Provenance | None:
    """The provenance kept in run.json, or else in a state's facts; None where neither has it.

    The settings are those of the state: run.json can be edited by hand.
    """
    of_run, of_state = (
        found if isinstance(found, dict) else {} for found in (run.settings().get(_KEY), state.get(_KEY))
    )
    try:
        both = {**of_state, **of_run}
        made = Provenance(
            base_model=FileMark(**both["base_model"]),
            vae=FileMark(**both["vae"]) if both["vae"] else None,
            pictures=tuple(PictureMark(*row) for row in run.pictures()),
            total_steps=int(both["total_steps"]),
            batches_per_epoch=int(both["batches_per_epoch"]),
            settings=dict({**of_run, **of_state}["settings"]),
            background=tuple(FileMark(**one) for one in both.get("background", ())),
            prediction_type=str(both["prediction_type"]),
            schedule=tuple(both["schedule"]),
        )
    except (KeyError, TypeError, ValueError):
        return None
    return made if made.data == both.get("data") else replace(made, pictures=())
