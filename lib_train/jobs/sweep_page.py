"""The page of a sweep's report: one file with its pictures inside, without scripts, that anybody can open."""

import time
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from lib_train.jobs.picture_page import picture_cell, side_for, whole_page
from lib_train.jobs.sweep_report import Report, about, head, shown
from lib_train.jobs.sweep_rows import Row
from lib_train.planning.words import size_text, span_text
from lib_train.texts import say

_BEST = "tt-best"


def page_of(report: Report) -> str:
    """The page; what people wrote stands in it as text."""
    version = report.sweep.version
    title = f"{version.project.name} / {version.name} / {report.sweep.name}"
    parts = [*_summary(report), *_table(report), *_pictures(report), *_settings(report)]
    return whole_page(title, parts, report.language)


def _summary(report: Report) -> Iterator[str]:
    done = sum(row.state == "finished" for row in report.rows)
    spent = sum(row.seconds or 0.0 for row in report.rows)
    facts = [
        say("{done} of {count} runs finished", done=done, count=len(report.rows)),
        *([say("training took {span}", span=span_text(spent))] if spent else []),
        say("base model {title}", title=report.base),
    ]
    yield f"<p>{' &middot; '.join(escape(report.said(fact)) for fact in facts)}</p>"
    yield f'<p class="quiet">{escape(time.strftime("%Y-%m-%d %H:%M"))}</p>'


def _table(report: Report) -> Iterator[str]:
    said = report.said
    numbers = [say("steps"), say("loss"), *_validation(report), say("time")]
    heads = [f'<th translate="no">{escape(name)}</th>' for name in report.axes]
    heads += [f"<th>{escape(said(say('state')))}</th>"]
    heads += [f'<th class="number">{escape(said(word))}</th>' for word in numbers]
    heads += [f"<th>{escape(said(say('files')))}</th>"]
    yield f'<div class="wide"><table><thead><tr><th>#</th>{"".join(heads)}</tr></thead><tbody>'
    best = {name: _least(report.rows, name) for name in ("loss", "val_on")}
    for number, row in enumerate(report.rows, 1):
        took = said(span_text(row.seconds)) if row.seconds is not None else ""
        cells = [*_differing(report, row), _cell(report.state(row), row.state), *_figures(report, row, best),
                 _cell(took, "number"), _files(row)]  # fmt: skip
        yield f'<tr><th scope="row">{number}</th>{"".join(cells)}</tr>'
    yield "</tbody></table></div>"
    yield f'<p class="quiet">{escape(said(_LOSSES))}</p>'


_LOSSES = say(
    "The loss is the mean of the last 100 steps. It compares runs only where nothing that makes the loss differs; "
    "validation is measured on held-out pictures, and without the network it is that of the base model. The lowest "
    "stand out. Look at the pictures before you choose."
)


def _validation(report: Report) -> list[str]:
    return [say("validation"), say("without the network")] if report.measured else []


def _least(rows: Sequence[Row], name: str) -> float | None:
    known = [getattr(row, name) for row in rows if getattr(row, name) is not None]
    return min(known) if len(known) > 1 else None


def _differing(report: Report, row: Row) -> Iterator[str]:
    for name in report.axes:
        yield f'<td translate="no">{escape(shown(name, row.changes.get(name)))}</td>'


def _figures(report: Report, row: Row, best: dict[str, float | None]) -> Iterator[str]:
    yield _cell(f"{row.step} / {row.steps}" if row.step < row.steps else str(row.step), "number")
    for name in ("loss", "val_on", "val_off") if report.measured else ("loss",):
        value = getattr(row, name)
        mark = f" {_BEST}" if value is not None and value == best.get(name) else ""
        yield _cell("" if value is None else f"{value:.4f}", f"number{mark}")


def _files(row: Row) -> str:
    if not row.checkpoints:
        return "<td></td>"
    last, more = row.checkpoints[-1], len(row.checkpoints) - 1
    size = size_text(last.stat().st_size) if last.is_file() else ""
    rest = f" +{more}" if more else ""
    return f'<td translate="no">{escape(last.name)} <span class="quiet">{escape(size)}{rest}</span></td>'


def _cell(text: str, kind: str) -> str:
    return f'<td class="{kind}">{escape(text)}</td>'


def _pictures(report: Report) -> Iterator[str]:
    said, lines = report.said, [report.base_shown, *report.shown]
    side = side_for(sum(path is not None for line in lines for path in line.paths))
    yield f"<h2>{escape(said(say('Pictures')))}</h2>"
    how = about(report.columns[0])
    yield f'<p class="quiet">{escape(how)} &middot; {escape(said(say("click one to enlarge it")))}</p>'
    heads = "".join(f'<th scope="col" translate="no">{escape(head(report, one))}</th>' for one in report.columns)
    yield f'<div class="wide"><table class="pictures"><thead><tr><td></td>{heads}</tr></thead><tbody>'
    names = [
        f"<b>{escape(said(say('base model')))}</b>",
        *(_row_head(report, number) for number in range(len(report.rows))),
    ]
    for name, line in zip(names, lines, strict=True):
        paths = line.paths or [None] * len(report.columns)
        cells = "".join(_picture(report, path, side, head(report, one))
                        for path, one in zip(paths, report.columns, strict=True))  # fmt: skip
        yield f'<tr><th scope="row">{name}</th>{cells}</tr>'
    yield "</tbody></table></div>"
    for name, line in zip(names, lines, strict=True):
        if line.trouble:
            yield f'<p class="failed">{name}: {escape(said(line.trouble))}</p>'


def _row_head(report: Report, place: int) -> str:
    row = report.rows[place]
    lines = [f"<b>{place + 1}</b>"]
    lines += [f'<span translate="no">{escape(name)}<br><b>{escape(shown(name, value))}</b></span>'
              for name, value in row.changes.items()]  # fmt: skip
    if row.loss is not None:
        lines.append(f'<span class="quiet">{escape(report.said(say("loss")))} {row.loss:.4f}</span>')
    return "<br>".join(lines)


def _picture(report: Report, path: Path | None, side: int, about: str) -> str:
    if path is None:
        return f'<td class="none">{escape(report.said(say("no picture")))}</td>'
    return picture_cell(path, side, about, report.language)


def _settings(report: Report) -> Iterator[str]:
    shared = report.shared()
    for title, wanted, is_open in (
        (say("Settings that all runs share and that are not the defaults"), True, " open"),
        (say("All other settings"), False, ""),
    ):
        rows = [f"<tr><th scope='row'>{escape(name)}</th><td>{escape(value)}</td></tr>"
                for name, value, differs in shared if differs is wanted]  # fmt: skip
        yield f"<details{is_open}><summary>{escape(report.said(title))}</summary>"
        yield f'<table class="settings" translate="no"><tbody>{"".join(rows)}</tbody></table></details>'
