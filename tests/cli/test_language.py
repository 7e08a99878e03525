import io
import json
import sys

import pytest

from lib_train import languages
from lib_train.cli.language import here, language_of
from lib_train.cli.program import main
from lib_train.texts import say
from tests.sentences import templates


@pytest.fixture
def in_language(monkeypatch):
    """Sets the language of the process."""

    def set_to(name):
        monkeypatch.setenv("LC_ALL", name)
        languages._catalog.cache_clear()

    yield set_to
    languages._catalog.cache_clear()


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [
        ({"LANG": "zh_TW.UTF-8"}, "zh_CN"),
        ({"LANG": "C", "LC_MESSAGES": "ja_JP"}, "ja_JP"),
        ({"LC_MESSAGES": "ja", "LC_ALL": "en_GB.UTF-8"}, ""),
        ({"LANG": "", "LC_ALL": "zh"}, "zh_CN"),
        ({"LANG": "de_DE.UTF-8"}, ""),
        ({}, ""),
    ],
)
def test_language_is_that_of_the_first_variable_that_says_one(variables, wanted):
    assert language_of(variables) == wanted


def test_language_is_the_systems_when_no_variable_says_one():
    assert language_of({}, "Japanese_Japan") == "ja_JP"
    assert language_of({"LANG": "en_US.UTF-8"}, "Japanese_Japan") == ""


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("ja_JP.UTF-8", "1 個の設定"), ("zh_CN.UTF-8", "1 项设置"), ("C.UTF-8", "1 setting cannot be used")],
)
def test_refusal_is_in_the_language_of_the_person(in_language, capsys, name, wanted, tmp_path):
    in_language(name)
    assert main(["plan", "--network_dim", "0", "--output", str(tmp_path)]) == 2
    assert wanted in capsys.readouterr().err


def test_help_and_usage_are_in_the_language_of_the_person(in_language, capsys):
    in_language("ja_JP.UTF-8")
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    output = capsys.readouterr().out
    assert "使い方：" in output
    assert "このヘルプを表示して終了します" in output
    assert "U-Net の学習率。0 なら学習せず" in output.replace("\n", "")
    with pytest.raises(SystemExit):
        main(["train", "--device", "abacus"])
    assert "エラー：引数 --device：使えない値です：'abacus'（" in capsys.readouterr().err


def test_bars_and_plan_are_in_the_language_of_the_person(in_language, capsys, pictures, tmp_path):
    in_language("zh_CN.UTF-8")
    given = [
        "--train_data_dir",
        str(pictures),
        "--resolution",
        "64",
        "--output",
        str(tmp_path / "out"),
        "--noise_offset",
        "9",
    ]
    assert main(["plan", *given, "--lr_scheduler_power", "2"]) == 2
    assert "noise_offset = 9.0: " in capsys.readouterr().err
    assert main(["plan", *given[:-2], "--lr_scheduler_power", "2"]) == 0
    console = capsys.readouterr()
    assert "图片        3，正则化 0；每轮使用 6 次\n" in console.out
    assert "提示        不起作用：lr_scheduler_power：只有 polynomial 使用它\n" in console.out
    assert "图片:" in console.err


def test_words_stay_english_when_the_console_lacks_the_letters(in_language, monkeypatch):
    in_language("ja_JP.UTF-8")
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert here(say("the job before was stopped")) == "the job before was stopped"


def test_words_stay_english_when_the_translations_are_missing(in_language, monkeypatch, tmp_path):
    monkeypatch.setattr(languages, "FOLDER", tmp_path)
    in_language("ja_JP.UTF-8")
    assert here(say("the job before was stopped")) == "the job before was stopped"


@pytest.mark.parametrize(("name", "encoding"), [("ja_JP", "cp932"), ("zh_CN", "gbk")])
def test_translations_can_be_written_to_a_console_of_their_country(name, encoding):
    known = json.loads((languages.FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    words = [known[languages.PREFIX + template] for template in templates()]
    assert [one for one in words if one.encode(encoding, "replace").decode(encoding) != one] == []
