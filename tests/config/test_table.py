from pathlib import Path

import pytest

from lib_train.config.codec import section_of
from lib_train.config.fields import options_of
from lib_train.config.presets import PRESETS
from lib_train.config.queue import QueueConfig
from lib_train.config.regularisation import RegularisationConfig
from lib_train.config.table import BEGIN, END, main, renewed, table
from lib_train.config.tagging import TaggingConfig

README = Path(__file__).parents[2] / "README.md"


def test_readme_has_the_table_of_today():
    text = README.read_text(encoding="utf-8")
    if BEGIN not in text:
        pytest.skip("the README has no settings table")
    assert renewed(text) == text, "run: make docs"


def test_table_has_a_row_of_three_cells_for_every_setting_and_preset():
    rows = [line.replace("\\|", "").split("|") for line in table().splitlines() if line.startswith("| `")]
    assert [row[1].strip(" `") for row in rows] == [
        *section_of(),
        *(one.name for kind in (TaggingConfig, RegularisationConfig, QueueConfig) for one in options_of(kind)),
        *PRESETS,
    ]
    assert {len(row) for row in rows} == {5}


def test_only_what_stands_between_the_marks_is_written_anew(tmp_path, monkeypatch):
    path = tmp_path / "page.md"
    path.write_text(f"before\n{BEGIN}\nlast year\n{END}\nafter\n", encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["table", str(path)])
    main()
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"before\n{BEGIN}\n\n### Network")
    assert text.endswith(f"{END}\nafter\n")
    assert "last year" not in text
