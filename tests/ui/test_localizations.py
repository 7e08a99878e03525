"""Every word of the tab has its translation, and no translation is of a word that is gone."""

import json
import re
from pathlib import Path

import pytest

from lib_train.app.settings import declared_settings
from lib_train.config.fields import options_of
from lib_train.config.headings import HEADINGS
from lib_train.config.presets import PRESETS
from lib_train.config.queue import QueueConfig
from lib_train.config.regularisation import RegularisationConfig
from lib_train.config.starts import SUBJECTS
from lib_train.config.tagging import TaggingConfig
from lib_train.config.tools import TOOLS
from lib_train.pictures.notes import ONE_NOTES
from tests.sentences import templates

HERE = Path(__file__).parents[2]
LANGUAGES = sorted((HERE / "localizations").glob("*.json"))
SCRIPTS = sorted((HERE / "javascript").glob("*.mjs")) + sorted((HERE / "javascript" / "tt").glob("*.mjs"))
PREFIX = "Train Tools: "
"""What a script looks words up with: a short one may mean something else in a file of another extension."""
FAILED = "Train Tools could not start:"
"""Stands in the tab alone, where the WebUI itself translates it."""
FROM_PYTHON = (
    *ONE_NOTES, *HEADINGS, *(word for preset in PRESETS.values() for word in (preset.title, preset.about)),
    *(title for title, _ in SUBJECTS.values()),
    "empty", "on", "off",  # values of settings
    "pictures", "latents", "captions", "previews", "tags", "bytes",  # what a listener is told that one works on
    "regularisation",
)  # fmt: skip
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
COMPARED = re.compile(r'[!=]== *"[^"]*"|\[[^\]]*\]')
SKIPPED = {"t": 0, "act": 1, "button": 2, "card": 1, "turn": 2, "showError": 1}
"""Functions that translate what they are given, with how many of their first arguments are none of it."""


def words_of_settings():
    """Labels, explanations and headings of the form."""
    for one in declared_settings():
        label = one["label"] or one["name"].replace("_", " ")
        yield from (label[0].upper() + label[1:], one["help"].replace("`", ""), one["heading"])
    others = (TaggingConfig, RegularisationConfig, QueueConfig, *TOOLS.values())
    for declared in (option for kind in others for option in options_of(kind)):
        yield from (declared.label, declared.help.replace("`", ""))


def arguments(script, start):
    """The arguments of a call whose bracket is at ``start``, as text."""
    depth, found, begin, quote = 0, [], start + 1, ""
    for i in range(start, len(script)):
        letter = script[i]
        if quote:
            quote = "" if letter == quote and script[i - 1] != "\\" else quote
        elif letter in '"`':
            quote = letter
        elif letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
        if not quote and (depth == 0 or (letter == "," and depth == 1)):
            found.append(script[begin:i])
            begin = i + 1
        if not quote and depth == 0:
            return found
    raise AssertionError("a bracket is never closed")


def words_of_script(script):
    """Literals that are given to functions that translate them, and values of tables that are read in such a call."""
    script = re.sub(r"^\s*//.*$|/\*[^`]*?\*/", "", script, flags=re.MULTILINE)
    found = set()
    for call in re.finditer(r"(?<![\w.])(\w+)\(", script):
        if call[1] not in SKIPPED or script[: call.start()].endswith("function "):
            continue
        given = arguments(script, call.end() - 1)[SKIPPED[call[1]] :]
        for argument in given:
            if re.fullmatch(r"[A-Z_]+", argument.strip()):
                found.add(LITERAL.findall(value_of(argument.strip(), script))[0])
            elif not re.search(r"[`(]", LITERAL.sub("", argument)):
                found |= {word for word in LITERAL.findall(COMPARED.sub("", argument)) if word}
    for table in set(re.findall(r"\bt\((\w+)\[", script)):
        found |= {word for word in re.findall(r':\s*"([^"]+)"', value_of(table, script))}
    return found


def value_of(name, script):
    return re.search(rf"const {name} =\s*(.*?);$", script, re.DOTALL | re.MULTILINE)[1]


def words():
    scripts = "\n".join(path.read_text(encoding="utf-8") for path in SCRIPTS)
    found = {*FROM_PYTHON, *words_of_settings(), *templates(), *words_of_script(scripts)}
    return {FAILED} | {PREFIX + word for word in found}


def test_words_are_found_wherever_they_stand():
    script = """
        // t("not in a comment")
        /** t("nor in
         * this") */
        const NAMES = {a: "In a table", b: "Second"};
        const LONG_ONE =
            "A constant";
        card(1, t(LONG_ONE));
        t("Plain"); t(kind === "x" ? "This" : "That"); t(given || "Usual"); t(NAMES[a ? "a" : b]);
        `<b title="${t("Inside")}">${act("key", "Label", "Tip")}</b>`; turn("-1", "<", "Back"); call("route", {a: "x"});
        showError(null, "Failed"); showError({message: t("Why"), problems: []}); card(size(2), "memory");
    """
    assert words_of_script(script) == {
        "Plain", "This", "That", "Usual", "In a table", "Second", "Inside", "Label", "Tip", "Back", "Failed", "Why",
        "memory", "A constant",
    }  # fmt: skip


def test_there_are_chinese_and_japanese():
    assert [path.stem for path in LANGUAGES] == ["ja_JP", "zh_CN"]


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda path: path.stem)
def test_every_word_of_the_tab_is_translated_and_none_is_stale(path):
    given, wanted = json.loads(path.read_text(encoding="utf-8")), words()
    assert len(wanted) > 250
    assert sorted(wanted - given.keys()) == []
    assert sorted(given.keys() - wanted) == []


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda path: path.stem)
def test_translations_say_something_and_keep_blanks_and_names(path):
    pairs = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=list)
    assert len(pairs) == len(dict(pairs)), "a word is there twice"
    for word, translation in pairs:
        assert translation == translation.strip() != ""
        assert translation.count("{}") == word.count("{}"), word
        for name in re.findall(r"[a-z]+_[a-z_]+|[#.][a-z]+|<\w+>|\|{3}", word):
            assert name in translation, f"{name} is lost in {translation}"


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda path: path.stem)
def test_a_word_and_its_translation_are_in_their_own_languages(path):
    script = {"zh_CN": r"[\u4e00-\u9fff]", "ja_JP": r"[\u3040-\u30ff\u4e00-\u9fff]"}[path.stem]
    for word, translation in json.loads(path.read_text(encoding="utf-8")).items():
        word = word.removeprefix(PREFIX)
        assert word.isascii() or not re.search(script, word)
        plain = re.search(script, translation) or len(re.sub(r"{\w+}|[^a-z]", "", word)) < 4 or word in ("CFG Scale",)
        assert plain, f"{word} is not translated"


@pytest.mark.parametrize(
    ("language", "other"),
    [
        ("zh_CN", "(?<!模型)描述|描述文本"),  # a caption is 标注
        ("zh_CN", "基础模型"),  # a base model is 底模
        ("zh_CN", "(?<!梯度)检查点"),  # a checkpoint that was saved is 模型
        ("zh_CN", "维度"),  # a rank is 秩
        ("zh_CN", r"(?<![a-z_(={])epochs?(?! =)(?![a-z_}])"),  # 轮, but for the term beside the label
        ("ja_JP", "フォルダ(?!ー)"),
        ("ja_JP", "エンコーダ(?!ー)"),
        ("ja_JP", "元のモデル|基本モデル"),  # ベースモデル
        ("ja_JP", r"(?<![a-z_{])epochs?(?! =)(?![a-z_}])"),  # エポック
    ],
)
def test_each_thing_has_one_name(language, other):
    path = next(path for path in LANGUAGES if path.stem == language)
    assert [one for one in json.loads(path.read_text(encoding="utf-8")).values() if re.search(other, one)] == []
