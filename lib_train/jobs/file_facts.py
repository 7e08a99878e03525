"""Metadata of a run's files, gathered from settings, pictures, base model and plan."""

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as package_version

from lib_train.checkpoints.hashes import model_hashes
from lib_train.checkpoints.metadata import RunFacts, Subset
from lib_train.config.run import RunConfig
from lib_train.host.protocol import BaseModel
from lib_train.optim.schedules import warmup_steps_of
from lib_train.pictures.buckets import Bucketing
from lib_train.pictures.records import Scan
from lib_train.store.runs import Run
from lib_train.training.assemble import Assembly


def run_facts(run: Run, config: RunConfig, found: Scan, model: BaseModel, assembly: Assembly) -> RunFacts:
    """The metadata. Hashes the base model: seconds for a large file."""
    settings, plan, identity = run.settings(), assembly.plan, model.identity
    subsets: dict[tuple[str, int, bool], list[str]] = {}
    for picture in found.pictures:
        subsets.setdefault((picture.folder, picture.repeats, picture.is_reg), []).append(picture.caption)
    uses = assembly.batches
    optimizer = type(assembly.trainer.optimizer)
    return RunFacts(
        family=model.family,
        prediction_type=model.prediction_type,
        zero_terminal_snr=float(model.alphas_cumprod[-1]) == 0,
        base_title=identity.title,
        base_hashes=model_hashes(identity.path) if identity.path else ("", ""),
        vae_title=identity.vae_title,
        vae_hashes=model_hashes(identity.vae_path) if identity.vae_path else ("", ""),
        session_id=int(settings["session_id"]),
        started_at=float(settings["started_at"]),
        subsets=tuple(
            Subset(name=name, repeats=repeats, captions=tuple(captions), is_reg=is_reg)
            for (name, repeats, is_reg), captions in subsets.items()
        ),
        buckets=uses.buckets,
        train_uses=uses.train_uses,
        reg_uses=sum(uses.buckets.values()) - uses.train_uses,
        held_out=len(found.held_out),
        batches_per_epoch=plan.batches_per_epoch,
        epochs=plan.epochs,
        total_steps=plan.total_steps,
        warmup_steps=warmup_steps_of(config.training.lr_warmup_steps, plan.total_steps),
        mixed_precision=assembly.trainer.precision.name,
        optimizer=f"{optimizer.__module__}.{optimizer.__name__}",
        ratio_error=_ratio_error(config, found),
        version=own_version(),
    )


def _ratio_error(config: RunConfig, found: Scan) -> float:
    fit = Bucketing(config.dataset).fit
    pairs = [(picture, fit(picture.width, picture.height).bucket) for picture in found.pictures]
    return sum(abs(p.width / p.height - width / height) for p, (width, height) in pairs) / len(pairs)


def own_version() -> str:
    """This package's version; "unknown" where it was not installed by pip."""
    try:
        return package_version("train-tools")
    except PackageNotFoundError:
        return "unknown"
