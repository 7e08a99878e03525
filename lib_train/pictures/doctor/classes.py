"""Folders of class (regularisation) pictures that help nothing."""

import os
from collections.abc import Iterator

from lib_train.pictures.doctor.case import ERROR, WARNING, Case, Finding, finding
from lib_train.texts import either, say

_SHARE = 0.5
"""Of the class pictures that are training pictures too, from which on somebody has chosen the wrong folder."""


def empty(case: Case) -> Iterator[Finding]:
    """The settings name a class folder, and no picture of it can be used."""
    folders = case.config.reg_data_dir
    if folders and not any(entry.is_reg for entry in case.usable):
        text = say("no regularisation picture can be used in reg_data_dir = {folders}: put some there, or leave it "
                   "empty", folders=either(folders))  # fmt: skip
        yield Finding(code="class_empty", severity=WARNING, text=text, ids=())


def same_as_training(case: Case) -> Iterator[Finding]:
    """Class pictures that are training pictures: what shall be learned is kept as it is."""
    reg = [entry for entry in case.usable if entry.is_reg]
    if not reg:
        return
    folders = {os.path.abspath(folder) for folder in {os.path.dirname(entry.path) for entry in case.trained}}
    contents = {entry.content for entry in case.trained if entry.content}
    same_folder = [entry for entry in reg if os.path.abspath(os.path.dirname(entry.path)) in folders]
    hit = same_folder or [entry for entry in reg if entry.content in contents]
    if hit and len(hit) >= (0 if same_folder else _SHARE * len(reg)):
        text = say("regularisation pictures that are trained on too: {count}, such as {name}; choose another "
                   "reg_data_dir", count=len(hit), name=hit[0].path.name)  # fmt: skip
        yield from finding("class_is_training", ERROR, "", hit, text=text,
                           remedies=() if same_folder else ("take_out",))  # fmt: skip
