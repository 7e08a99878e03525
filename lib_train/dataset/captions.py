"""Captions as tags: prefix, filter, shuffle, drop. Text only, no files."""

from collections.abc import Sequence
from random import Random

from lib_train.config.dataset import DatasetConfig


def varies(config: DatasetConfig) -> bool:
    """Whether one picture's caption changes from use to use, so that it cannot be encoded once."""
    chances = (config.caption_dropout_rate, config.caption_tag_dropout_rate, config.caption_dropout_every_n_epochs)
    return config.shuffle_caption or any(chances)


def compose(caption: str, config: DatasetConfig, rng: Random, epoch: int) -> str:
    """The caption of one use. The same ``rng`` state gives the same text; captions without any option stay as written.

    Order: prefix and suffix, dropout of the whole caption, then by tags: filter, shuffle, dropout of tags.
    """
    separator = config.caption_separator.strip()
    before, after = (text.strip().strip(separator).strip() for text in (config.caption_prefix, config.caption_suffix))
    if before or after:
        caption = f"{separator} ".join(part for part in (before, caption, after) if part)
    every = config.caption_dropout_every_n_epochs
    if rng.random() < config.caption_dropout_rate or (every and epoch % every == 0):
        return ""
    if not (config.shuffle_caption or config.caption_tag_dropout_rate or config.keep_tags or config.drop_tags):
        return _without_mark(caption, separator, config.keep_tokens_separator)
    fixed, loose = _split(caption, config)
    loose = filtered(loose, keep=config.keep_tags, drop=config.drop_tags)
    if config.shuffle_caption:
        rng.shuffle(loose)
    loose = [tag for tag in loose if rng.random() >= config.caption_tag_dropout_rate]
    fixed = [tag for tag in fixed if tag not in config.drop_tags]
    return f"{separator} ".join(fixed + loose)


def _without_mark(caption: str, separator: str, mark: str) -> str:
    if not mark or mark not in caption:
        return caption
    parts = (part.strip().strip(separator).strip() for part in caption.split(mark))
    return f"{separator} ".join(part for part in parts if part)


def tags_of(caption: str, separator: str = ",") -> list[str]:
    """The caption's tags without surrounding spaces; empty ones are left out."""
    return [tag for part in caption.split(separator) if (tag := part.strip())]


def filtered(tags: Sequence[str], *, keep: Sequence[str] = (), drop: Sequence[str] = ()) -> list[str]:
    """Tags that are in ``keep`` (all, when it is empty) and not in ``drop``."""
    return [tag for tag in tags if (not keep or tag in keep) and tag not in drop]


def _split(caption: str, config: DatasetConfig) -> tuple[list[str], list[str]]:
    separator, mark = config.caption_separator.strip(), config.keep_tokens_separator
    if mark and mark in caption:
        head, _, tail = caption.partition(mark)
        return tags_of(head, separator), tags_of(tail, separator)
    prefix = tags_of(config.caption_prefix, separator)
    tags = tags_of(caption, separator)
    count = max(config.keep_tokens, len(prefix))
    return tags[:count], tags[count:]
