"""The doctor for pages and programs: of versions, with answers as JSON values."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from lib_train.app.catalogs import Catalogs
from lib_train.app.doctor import Treated, finding, put_back, take_out, treat
from lib_train.app.folders import with_own_folders
from lib_train.app.picture_sets import PictureSet, PictureSets
from lib_train.app.versions import Versions
from lib_train.config.run import RunConfig
from lib_train.pictures.doctor.case import Finding
from lib_train.store.projects import Version
from lib_train.texts import with_texts

_EXAMPLES = 5
_AT_ONCE = 24
"""Pictures that are measured before an answer: of small sets everything is known at once."""


class Practice:
    """Finds and mends what is wrong with the pictures of versions."""

    def __init__(self, sets: PictureSets, versions: Versions, catalogs: Catalogs) -> None:
        self._sets, self._versions, self._catalogs = sets, versions, catalogs

    def findings(self, project: str, version: str) -> dict[str, Any]:
        """What is wrong with the version's pictures, the worst first, and how many were looked at.

        Raises:
            TrainToolsError: there is no such version, its settings cannot be read, or they name folders that may not
                be read here.
        """
        pictures = self._pictures(project, version)
        dataset, catalog = pictures.dataset, pictures.catalog
        self._catalogs.fill(self._versions.named(project, version), dataset)
        found = pictures.findings()
        stock = catalog.recent(dataset)
        names = {entry.id: entry.path.name for entry in stock.entries}
        return {
            "files": len(stock.entries),
            "left_out": sum(entry.left_out for entry in stock.entries),
            "measured": stock.measured,
            "findings": [answer_finding(one, names) for one in found],
        }

    def finding(self, project: str, version: str, code: str) -> dict[str, Any]:
        """Everything about one finding: all its pictures, and which of them belong together.

        Raises:
            TrainToolsError: as ``findings``.
        """
        pictures = self._pictures(project, version)
        found = finding(pictures, code)
        names = {entry.id: entry.path.name for entry in pictures.entries()}
        groups = [list(group) for group in found.groups]
        return answer_finding(found, names) | {
            "pictures": [_picture(found, number, names) for number in found.ids], "groups": groups,
        }  # fmt: skip

    def wrong_with(self, project: str, version: str, ids: Collection[int]) -> dict[str, Any]:
        """What is wrong with each of some pictures, the worst first; those with which nothing is are left out.

        Raises:
            TrainToolsError: as ``findings``.
        """
        wanted, found = set(ids), self._pictures(project, version).findings()
        wrong: dict[int, list[dict[str, Any]]] = {}
        for one in found:
            for number in wanted.intersection(one.ids):
                facts = {"code": one.code, "severity": one.severity, "detail": one.details.get(number, "")}
                wrong.setdefault(number, []).append(with_texts(facts))
        return {"pictures": [{"id": number, "findings": wrong[number]} for number in sorted(wrong)]}

    def treat(
        self,
        project: str,
        version: str,
        code: str,
        remedy: str = "",
        ids: Collection[int] | None = None,
        *,
        dry_run: bool = False,
    ) -> dict[str, Any]:
        """Do what helps against a finding; see ``doctor.treat``."""
        return answer_treated(treat(self._pictures(project, version), code, remedy, ids, dry_run=dry_run))

    def take_out(
        self,
        project: str,
        version: str,
        filter: str = "",
        ids: Collection[int] | None = None,
        *,
        dry_run: bool = False,
    ) -> dict[str, Any]:
        """Move pictures and their captions to those that were left out; see ``doctor.take_out``."""
        pictures = self._pictures(project, version)
        return answer_treated(take_out(pictures, pictures.chosen(filter, ids), dry_run=dry_run))

    def put_back(
        self,
        project: str,
        version: str,
        filter: str = "",
        ids: Collection[int] | None = None,
        *,
        dry_run: bool = False,
    ) -> dict[str, Any]:
        """Move pictures that were left out back into their folders; see ``doctor.put_back``."""
        pictures = self._pictures(project, version)
        return answer_treated(put_back(pictures, pictures.chosen(filter, ids), dry_run=dry_run))

    def known(self, version: Version, config: RunConfig) -> Sequence[Finding]:
        """Findings by what is known already, so that they can be asked for at every key.

        Args:
            config: as the run takes it.
        """
        dataset = with_own_folders(config, version).dataset
        pictures = PictureSet(dataset, self._catalogs.of(version), None, self._catalogs.limits(config),
                              self._catalogs.examinations)  # fmt: skip
        return pictures.findings(recent=True)

    def _pictures(self, project: str, version: str) -> PictureSet:
        pictures = self._sets.of(project, version)
        stock = pictures.catalog.stock(pictures.dataset)
        if len(stock.parts) - stock.measured <= _AT_ONCE:
            pictures.catalog.measure(pictures.dataset)
        return pictures


def answer_finding(finding: Finding, names: Mapping[int, str]) -> dict[str, Any]:
    """A finding as JSON values.

    Args:
        names: of all pictures' files, by id.
    """
    return with_texts({
        "code": finding.code,
        "severity": finding.severity,
        "text": finding.text,
        "count": len(finding.ids),
        "filter": finding.filter,
        "remedies": list(finding.remedies),
        "examples": [_picture(finding, number, names) for number in finding.ids[:_EXAMPLES]],
    })  # fmt: skip


def _picture(finding: Finding, number: int, names: Mapping[int, str]) -> dict[str, Any]:
    return with_texts({"id": number, "name": names[number], "detail": finding.details.get(number, "")})


def answer_treated(treated: Treated) -> dict[str, Any]:
    """What was done, or would be, as JSON values."""
    return with_texts({
        "label": treated.label,
        "pictures": len(treated.files),
        "examples": list(treated.files[:_EXAMPLES]),
        "edit": treated.edit.number if treated.edit else None,
        "left": list(treated.left),
    })  # fmt: skip
