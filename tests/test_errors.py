import errno
import re
from pathlib import Path

import pytest
import torch

from lib_train import errors
from lib_train.errors import (
    ConfigError,
    MissingPackage,
    PictureError,
    Problem,
    RunChanged,
    TrainToolsError,
    is_short_of_memory,
    reason,
)


def kinds(of: type[TrainToolsError] = TrainToolsError) -> list[type[TrainToolsError]]:
    return [of, *(found for kind in of.__subclasses__() for found in kinds(kind))]


def test_value_of_a_problem_is_cut_in_its_middle_when_it_is_long():
    assert str(Problem("seed", "x", "must be a whole number")) == "seed = 'x': must be a whole number"
    text = str(Problem("preview_prompts", "a" * 1000 + "z" * 1000, "is too long"))
    assert re.fullmatch(r"preview_prompts = 'a{199} \.\.\. z{99}': is too long", text)


def test_settings_are_counted_and_listed_one_a_line():
    one, other = Problem("seed", -1, "must be at least 0"), Problem("algo", "dora", "choose one of lora")
    assert str(ConfigError([one])) == "1 setting cannot be used:\n  seed = -1: must be at least 0"
    assert str(ConfigError([one, other])).splitlines() == [
        "2 settings cannot be used:", "  seed = -1: must be at least 0", "  algo = 'dora': choose one of lora"
    ]  # fmt: skip
    assert ConfigError(iter([one, other])).problems == (one, other)  # type: ignore[arg-type]


def test_every_error_has_a_code_and_stands_in_the_tree():
    """A DatasetError of one picture has the code of its parent: callers do the same with both."""
    codes = {kind: kind.code for kind in kinds() if kind is not PictureError}
    assert len(set(codes.values())) == len(codes)
    tree = (errors.__doc__ or "").split("\n\n")[1]
    assert [line.split()[0] for line in tree.splitlines()] == [kind.__name__ for kind in kinds()]


def test_changed_run_has_a_message_of_one_line_for_pages_and_one_with_flags():
    error = RunChanged("r001", 7, ["pictures added: 1", "prediction_type: epsilon at its start, v now"])
    assert "\n" not in error.plain
    assert "--resume" not in error.plain
    assert str(error).splitlines()[1:3] == [f"  {change}" for change in error.changes]
    assert "go on after step 7" in error.plain
    assert str(error).endswith("--resume r001 --with_changes; or start a new run")


def test_missing_package_and_picture_name_what_they_are_about():
    assert "pip install prodigyopt" in str(MissingPackage("prodigyopt", "optimizer_type = 'Prodigy'"))
    assert str(PictureError(Path("a.png"), "is cut short")) == "a.png: is cut short"


@pytest.mark.parametrize(
    ("error", "short"),
    [
        (MemoryError(), True), (OSError(errno.ENOMEM, "Cannot allocate memory"), True),
        (torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), True),
        (RuntimeError("MPS backend out of memory"), True),
        (RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 8 bytes"), True),
        (RuntimeError("cuBLAS error: CUBLAS_STATUS_ALLOC_FAILED"), True),
        (OSError(errno.ENOSPC, "No space left on device"), False), (RuntimeError("shapes do not fit"), False),
    ],
)  # fmt: skip
def test_lack_of_memory_is_told_from_other_faults(error, short):
    assert is_short_of_memory(error) == short


def test_reason_is_the_systems_words_without_number_and_path():
    assert reason(OSError(errno.ENOSPC, "No space left on device", "/tmp/a")) == "No space left on device"
    assert reason(ValueError("no JSON")) == "no JSON"
