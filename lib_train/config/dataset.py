"""Which pictures and captions are trained on, and what is done to them."""

from dataclasses import dataclass

from lib_train.config import dataset_checks as checks
from lib_train.config.checking import checked
from lib_train.config.fields import BASIC, SET, option, used_when
from lib_train.texts import say
from lib_train.vocabulary import CAPTIONS

_CAPTIONS, _BUCKETS, _PICTURES, _CACHE = "captions", "buckets", "pictures", "cache"
_SD1_SIDE = 512
_BUCKETED = used_when(say("enable_bucket is off"), {"enable_bucket": (True,)})
_LIMITED = used_when(
    say("enable_bucket is off, or bucket_no_upscale is on"), {"enable_bucket": (True,), "bucket_no_upscale": (False,)}
)
_SAME_NUMBERS = "the weights are the same with and without"


@dataclass(frozen=True, kw_only=True)
class DatasetConfig:
    """Folders, sizes, captions and caches. An instance is always valid."""

    train_data_dir: tuple[str, ...] = option(
        (),
        "Folders that hold `<repeats>_<name>` folders of pictures, or such folders themselves.",
        level=BASIC,
        separator="\n",
        label="Picture folders",
        told_in="ss_dataset_dirs",
    )
    reg_data_dir: tuple[str, ...] = option(
        (),
        "The same for regularisation (class) pictures: what the model should keep as it is.",
        separator="\n",
        label="Regularisation folders",
        told_in="ss_reg_dataset_dirs",
    )
    resolution: tuple[int, ...] = option(
        (),
        "Width and height of the training area in pixels; one number means a square. Empty is the size that the base "
        "model was trained at.",
        low=64,
        high=4096,
        level=BASIC,
        group=_BUCKETS,
        told_in="ss_resolution",
    )
    enable_bucket: bool = option(
        True,
        "Keep each picture's proportions as well as the bucket sizes allow.",
        group=_BUCKETS,
        label="Keep proportions (buckets)",
        key="ss_enable_bucket",
    )
    min_bucket_reso: int | None = option(
        None,
        "Shortest side of a bucket; empty is half the shorter side of resolution.",
        low=32,
        high=4096,
        group=_BUCKETS,
        label="Shortest bucket side",
        used_when=_LIMITED,
        step=64,
        told_in="ss_min_bucket_reso",
    )
    max_bucket_reso: int | None = option(
        None,
        "Longest side of a bucket; empty is twice the longer side of resolution.",
        low=64,
        high=8192,
        group=_BUCKETS,
        label="Longest bucket side",
        used_when=_LIMITED,
        step=64,
        told_in="ss_max_bucket_reso",
    )
    bucket_reso_steps: int = option(
        64,
        "Bucket sides are multiples of this.",
        low=8,
        high=512,
        group=_BUCKETS,
        label="Bucket step",
        used_when=_BUCKETED,
        slider=(8, 128, 8),
        key="ss_bucket_reso_steps",
        key_sparse=True,
    )
    bucket_no_upscale: bool = option(
        False,
        "Never enlarge a picture that is a step or more across; small ones get smaller buckets.",
        group=_BUCKETS,
        label="Do not upscale",
        used_when=_BUCKETED,
        key="ss_bucket_no_upscale",
    )
    random_crop: bool = option(
        False, "Crop at a random place instead of the centre.", group=_PICTURES, key="ss_random_crop"
    )
    flip_aug: bool = option(
        False, "Mirror each picture half of the time.", group=_PICTURES, label="Mirror", key="ss_flip_aug"
    )
    color_aug: bool = option(
        False, "Vary hue and gamma a little.", group=_PICTURES, label="Vary colours", key="ss_color_aug"
    )
    alpha_color: str = option(
        "#ffffff",
        "Colour behind transparent pixels, as #rrggbb.",
        group=_PICTURES,
        label="Colour behind transparency",
        key="ss_alpha_color",
        key_sparse=True,
    )
    on_bad_file: str = option(
        "refuse",
        "What to do with a picture or caption that cannot be read: refuse to start, or skip it.",
        choices=("refuse", "skip"),
        group=_PICTURES,
        label="Unreadable files",
        no_key="ss_dataset_dirs counts the pictures that were read",
    )
    caption_extension: tuple[str, ...] = option(
        CAPTIONS,
        "Endings of caption files, in capitals or not; first match wins.",
        group=_CAPTIONS,
        label="Caption endings",
        no_key="ss_tag_frequency tells the captions that were read",
    )
    caption_separator: str = option(
        ",",
        "What stands between two tags.",
        group=_CAPTIONS,
        key="ss_caption_separator",
        key_sparse=True,
    )
    caption_prefix: str = option(
        "",
        "Put before each caption, such as a trigger word.",
        level=BASIC,
        group=_CAPTIONS,
        key="ss_caption_prefix",
        key_sparse=True,
    )
    caption_suffix: str = option(
        "",
        "Put after each caption.",
        group=_CAPTIONS,
        key="ss_caption_suffix",
        key_sparse=True,
    )
    shuffle_caption: bool = option(
        False,
        "Shuffle the tags anew for each use.",
        level=BASIC,
        group=_CAPTIONS,
        label="Shuffle tags",
        key="ss_shuffle_caption",
    )
    keep_tokens: int = option(
        0,
        "Number of first tags that are never moved or dropped.",
        low=0,
        group=_CAPTIONS,
        key="ss_keep_tokens",
        used_when=used_when(
            say("tags are neither moved nor dropped"),
            {"shuffle_caption": SET},
            {"caption_tag_dropout_rate": SET},
            {"keep_tags": SET},
            {"drop_tags": SET},
        ),
        slider=(0, 10, 1),
    )
    keep_tokens_separator: str = option(
        "",
        "Text between fixed and loose tags, such as `|||`; replaces keep_tokens where it occurs. Tags behind a second "
        "one are fixed last.",
        group=_CAPTIONS,
        key="ss_keep_tokens_separator",
        key_sparse=True,
    )
    keep_tags: tuple[str, ...] = option(
        (),
        "Use only these tags and the fixed ones; empty uses all.",
        group=_CAPTIONS,
        key="ss_keep_tags",
        key_sparse=True,
    )
    drop_tags: tuple[str, ...] = option(
        (),
        "Never use these tags; files are left as they are.",
        group=_CAPTIONS,
        key="ss_drop_tags",
        key_sparse=True,
    )
    caption_dropout_rate: float = option(
        0.0,
        "Probability that a picture is trained with an empty caption.",
        low=0,
        high=1,
        group=_CAPTIONS,
        key="ss_caption_dropout_rate",
        slider=(0, 1, 0.01),
    )
    caption_dropout_every_n_epochs: int = option(
        0,
        "Train with empty captions in every n-th epoch; 0 is never.",
        low=0,
        group=_CAPTIONS,
        key="ss_caption_dropout_every_n_epochs",
    )
    caption_tag_dropout_rate: float = option(
        0.0,
        "Probability that a tag is left out, each time a picture is trained; fixed tags stay.",
        low=0,
        high=1,
        group=_CAPTIONS,
        key="ss_caption_tag_dropout_rate",
        slider=(0, 1, 0.01),
    )
    cache_latents: bool = option(
        True,
        "Encode each picture once, before training, unless pictures vary.",
        group=_CACHE,
        key="ss_cache_latents",
    )
    cache_latents_to_disk: bool = option(
        True,
        "Keep encoded pictures in the version's cache folder.",
        group=_CACHE,
        no_key=_SAME_NUMBERS,
    )
    vae_batch_size: int = option(
        4,
        "Pictures of 512 x 512 pixels encoded at once; fewer where they are larger.",
        low=1,
        high=256,
        group=_CACHE,
        label="VAE batch size",
        used_when=used_when(
            say("pictures are encoded anew for each use"),
            {"cache_latents": (True,), "color_aug": (False,), "random_crop": (False,)},
            {"validation_split": SET},
            {"validation_data_dir": SET},
        ),
        no_key=_SAME_NUMBERS,
    )
    cache_text_encoder_outputs: bool = option(
        True,
        "Encode each caption once where the text encoder is not trained and captions do not vary.",
        group=_CACHE,
        no_key=_SAME_NUMBERS,
    )

    def __post_init__(self) -> None:
        checked(self, checks.usable_endings, checks.two_sides, checks.bucket_step, checks.colour, checks.separator)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the training area; those of SD1 where nobody has set them, or said the model's own."""
        return (self.resolution[0], self.resolution[-1]) if self.resolution else (_SD1_SIDE, _SD1_SIDE)

    @property
    def bucket_limits(self) -> tuple[int, int]:
        """Shortest and longest side of a bucket in pixels.

        Unset limits follow the resolution, and so do those that leave no bucket of its size.
        """
        low, high = self.min_bucket_reso, self.max_bucket_reso
        return (
            min(self.size) // 2 if low is None else min(low, *self.size),
            max(self.size) * 2 if high is None else max(high, *self.size),
        )

    @property
    def varied(self) -> tuple[str, ...]:
        """Settings that are on and vary pictures from one use to the next, so that they cannot be cached."""
        return tuple(name for name in ("color_aug", "random_crop") if getattr(self, name))

    @property
    def caches_latents(self) -> bool:
        """Whether pictures are encoded once: wished, and possible."""
        return self.cache_latents and not self.varied
