"""The report of a sweep: a page to share, a sheet of pictures, and a table for spreadsheets."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from lib_train.config.codec import settings_in, to_json
from lib_train.config.run import RunConfig
from lib_train.config.sweep import told
from lib_train.errors import FileError, reason
from lib_train.files import write_whole
from lib_train.host.protocol import PictureRequest
from lib_train.jobs.sweep_pictures import Shown
from lib_train.jobs.sweep_rows import STATES, Row
from lib_train.languages import in_language
from lib_train.previews.grid import cell_size, grid, save_png
from lib_train.store.sweeps import REPORTS, Sweep
from lib_train.texts import say

_LEAST = 128
"""Pixels of a picture's longer side on the sheet: those of small models are enlarged."""
_PAPER = (200, 200, 200)
_PATHS = ("base_model", "vae", "network_weights", "base_weights")


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a report shows."""

    sweep: Sweep
    config: RunConfig
    """Settings that all runs share."""
    base: str
    """Title of the base model that these name."""
    rows: Sequence[Row]
    columns: Sequence[PictureRequest]
    """Prompt, seed and size of each column of pictures."""
    base_shown: Shown
    shown: Sequence[Shown]
    """Of each row."""
    axes: Sequence[str] = ()
    """Names of the settings that differ."""
    language: str = ""
    """See ``languages.language_named``."""

    def said(self, text: str) -> str:
        """A sentence in the report's language."""
        return in_language(text, self.language)

    def state(self, row: Row) -> str:
        """What has become of a run, in words."""
        words = self.said(STATES[row.state])
        return f"{words}: {self.said(row.why)}" if row.why else words

    @property
    def measured(self) -> bool:
        """Whether any run measured held-out pictures."""
        return any(row.val_on is not None for row in self.rows)

    def shared(self) -> list[tuple[str, str, bool]]:
        """Settings that all runs share: name, value, and whether it is not the default."""
        found, usual = (settings_in(to_json(config)) for config in (self.config, RunConfig()))
        names = [name for name in found if name not in (*self.axes, "preview_weights", "preview_block_weights")]
        return [(name, shown(name, found[name]), found[name] != usual.get(name)) for name in names]


def shown(name: str, value: object) -> str:
    """A setting's value as a person would type it; of files and folders the names alone: reports are shared."""
    if name not in _PATHS and not name.endswith("_dir"):
        return told(name, value)
    paths = value if isinstance(value, list | tuple) else [value]
    return told(name, [str(path).replace("\\", "/").rstrip("/").rpartition("/")[2] for path in paths if path])


def write_report(report: Report, page: str) -> list[Path]:
    """Write the report's files, each whole or not at all; returns their paths.

    Args:
        page: see ``sweep_page``.

    Raises:
        FileError: the disk is full or cannot be written to.
    """
    paths = {kind: report.sweep.folder / name for kind, name in REPORTS.items()}
    try:
        write_whole(paths["csv"], table(report).encode("utf-8-sig", "replace"))
        save_png(sheet(report), {}, paths["png"])
        write_whole(paths["html"], page.encode("utf-8", "replace"))
    except OSError as error:
        where = report.sweep.folder
        raise FileError(
            say("{path}: cannot be written ({why}); make room or check permissions", path=where, why=reason(error))
        ) from error
    return [*paths.values()]


def table(report: Report) -> str:
    """The runs as comma separated values, under names that programs read: they are the same in every language."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    figures = ("loss", "val_on", "val_off", "seconds")
    writer.writerow(["run", *report.axes, "state", "step", "steps", *figures, "checkpoint", "why"])
    for row in report.rows:
        values = [shown(name, row.changes.get(name)) for name in report.axes]
        numbers = [getattr(row, name) for name in figures]
        last = row.checkpoints[-1].name if row.checkpoints else ""
        writer.writerow([
            row.run.name if row.run else "", *values, row.state, row.step, row.steps,
            *("" if one is None else f"{one:.6g}" for one in numbers), last, row.why,
        ])  # fmt: skip
    return out.getvalue()


def sheet(report: Report) -> Image.Image:
    """One grid: the base model, then a row for each run; a column for each prompt with each seed."""
    columns, lines = report.columns, [report.base_shown, *report.shown]
    first = columns[0]
    size = cell_size((first.width, first.height), len(columns), len(lines))
    times = max(1, -(-_LEAST // max(size))) if size == (first.width, first.height) else 1
    cell = size[0] * times, size[1] * times
    rows = [[_cell(path, cell) for path in line.paths or [None] * len(columns)] for line in lines]
    labels = [report.said(say("base model")), *(_label(report, row) for row in report.rows)]
    heads = [head(report, column) for column in columns]
    version = report.sweep.version
    return grid(rows, labels, heads, [f"{version.project.name} / {version.name} / {report.sweep.name}", about(first)])


def head(report: Report, column: PictureRequest) -> str:
    """What stands above a column: its prompt, and its seed where others have another."""
    several = len({one.seed for one in report.columns}) > 1
    return f"{column.prompt} ({column.seed})" if several else column.prompt


def about(request: PictureRequest) -> str:
    """How pictures were made, in a line of the words that the WebUI has for it."""
    return (f"{request.sampler}, {request.steps} steps, CFG {request.cfg_scale:g}, {request.width} x {request.height}, "
            f"seed {request.seed}")  # fmt: skip


def _label(report: Report, row: Row) -> str:
    lines = [f"{name} = {_cut(shown(name, value))}" for name, value in row.changes.items()]
    figures = [f"loss {row.loss:.4f}"] if row.loss is not None else []
    figures += [f"val {row.val_on:.4f}"] if row.val_on is not None else []
    beside = [", ".join(figures)] if figures else []
    beside += [report.said(STATES[row.state])] if row.state != "finished" else []
    return "\n".join([*lines, "", *beside])


def _cut(text: str) -> str:
    return text if len(text) <= 32 else f"...{text[-29:]}"


def _cell(path: Path | None, size: tuple[int, int]) -> Image.Image:
    """A picture at the sheet's size; grey where there is none. Small ones are enlarged dot by dot."""
    if path is None:
        return Image.new("RGB", size, _PAPER)
    with Image.open(path) as picture:
        found = picture.convert("RGB")
    if found.size == size:
        return found
    return found.resize(size, Image.Resampling.NEAREST if size[0] > found.width else Image.Resampling.LANCZOS)
