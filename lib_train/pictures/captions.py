"""Captions as tags: prefix, filter, shuffle, drop. Text only, no files."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from lib_train.config.dataset import DatasetConfig
from lib_train.pictures.readings import is_blank, plain


def varies(config: DatasetConfig) -> bool:
    """Whether one picture's caption changes from use to use, so that it cannot be encoded once."""
    chances = (config.caption_dropout_rate, config.caption_tag_dropout_rate, config.caption_dropout_every_n_epochs)
    return config.shuffle_caption or any(chances)


def compose(caption: str, config: DatasetConfig, rng: Random, epoch: int) -> str:
    """The caption of one use. The same ``rng`` state gives the same text; without options it is the caption itself.

    Order: prefix and suffix, dropout of the whole caption, then by tags: filter, shuffle, dropout of tags. At last
    escaped brackets become brackets, as a prompt reads them, and what says nothing becomes empty.
    """
    text = plain(_composed(caption, config, rng, epoch))
    return "" if is_blank(text, config.caption_separator.strip()) else text


def _composed(caption: str, config: DatasetConfig, rng: Random, epoch: int) -> str:
    separator = config.caption_separator.strip()
    before, after = (_bare(text, separator) for text in (config.caption_prefix, config.caption_suffix))
    if before or after:
        caption = _joined([before, _bare(caption, separator), after], separator)
    every = config.caption_dropout_every_n_epochs
    if rng.random() < config.caption_dropout_rate or (every and epoch % every == 0):
        return ""
    if not (config.shuffle_caption or config.caption_tag_dropout_rate or config.keep_tags or config.drop_tags):
        mark = config.keep_tokens_separator
        marked = bool(mark) and mark in caption
        return _joined([_bare(part, separator) for part in caption.split(mark)], separator) if marked else caption
    first, loose, last = _split(caption, config)
    loose = filtered(loose, keep=config.keep_tags, drop=config.drop_tags)
    if config.shuffle_caption:
        rng.shuffle(loose)
    loose = [tag for tag in loose if rng.random() >= config.caption_tag_dropout_rate]
    return _joined([*filtered(first, drop=config.drop_tags), *loose, *filtered(last, drop=config.drop_tags)], separator)


def tags_of(caption: str, separator: str = ",") -> list[str]:
    """The caption's tags without surrounding spaces; empty ones are left out."""
    return [tag for part in caption.split(separator) if (tag := part.strip())]


def filtered(tags: Sequence[str], *, keep: Sequence[str] = (), drop: Sequence[str] = ()) -> list[str]:
    """Tags that are in ``keep`` (all, when it is empty) and not in ``drop``, with brackets escaped or not."""
    wanted, unwanted = ({plain(tag) for tag in some} for some in (keep, drop))
    return [tag for tag in tags if (not keep or plain(tag) in wanted) and plain(tag) not in unwanted]


def steady(config: DatasetConfig) -> DatasetConfig:
    """The settings without shuffling and dropout: every use has all its tags, the longest caption that can occur."""
    if not varies(config):
        return config
    return replace(
        config,
        shuffle_caption=False,
        caption_dropout_rate=0,
        caption_tag_dropout_rate=0,
        caption_dropout_every_n_epochs=0,
    )


def _split(caption: str, config: DatasetConfig) -> tuple[list[str], list[str], list[str]]:
    """Fixed first tags, loose tags, and fixed last tags, which follow a second separator."""
    separator, mark = config.caption_separator.strip(), config.keep_tokens_separator
    if mark and mark in caption:
        parts = [tags_of(part.replace(mark, separator), separator) for part in caption.split(mark, 2)]
        return parts[0], parts[1], parts[2] if len(parts) > 2 else []
    prefix = tags_of(config.caption_prefix, separator)
    tags = tags_of(caption, separator)
    count = max(config.keep_tokens, len(prefix))
    return tags[:count], tags[count:], []


def _bare(text: str, separator: str) -> str:
    """Without spaces and separators around it."""
    while (shorter := text.strip().removeprefix(separator).removesuffix(separator)) != text:
        text = shorter
    return text


def _joined(parts: Sequence[str], separator: str) -> str:
    return f"{separator} ".join(part for part in parts if part)
