"""Sizes that pictures are brought to. Pure numbers."""

import math

from lib_train.config.dataset import DatasetConfig
from lib_train.dataset.records import Fit


def bucket_sizes(width: int, height: int, low: int, high: int, step: int) -> list[tuple[int, int]]:
    """All buckets with at most the area of ``width`` x ``height`` and sides from ``low`` to ``high``, sorted.

    Source:
        The rule of kohya's sd-scripts, ``make_bucket_resolutions``: the same sizes come out.
    """
    area = width * height
    square = int(math.sqrt(area) // step) * step
    found = {(square, square)}
    for side in range(low, high + 1, step):
        other = min(high, int(area // side // step) * step)
        if other >= low:
            found |= {(side, other), (other, side)}
    return sorted(found)


class Bucketing:
    """Tells for each picture size which bucket it goes into, and how it is resized for it."""

    def __init__(self, config: DatasetConfig) -> None:
        self._config = config
        self._step = config.bucket_reso_steps
        width, height = config.size
        self._area = width * height
        low = config.min_bucket_reso // self._step * self._step
        high = -(-config.max_bucket_reso // self._step) * self._step
        self._sizes = bucket_sizes(width, height, max(low, self._step), high, self._step)

    def fit(self, width: int, height: int) -> Fit:
        """Bucket and resized size of a picture of ``width`` x ``height`` pixels."""
        if not self._config.enable_bucket:
            return _covering(width, height, self._config.size)
        if self._config.bucket_no_upscale:
            return self._not_enlarged(width, height)
        if (width, height) in self._sizes:
            return Fit((width, height), (width, height))
        ratio = width / height
        bucket = min(self._sizes, key=lambda size: abs(size[0] / size[1] - ratio))
        return _covering(width, height, bucket)

    def _not_enlarged(self, width: int, height: int) -> Fit:
        """The largest step-multiple box that needs no enlarging and keeps to the training area.

        sd-scripts floors twice here and so loses up to a whole step on both sides (3072 x 3000 at 512 goes into
        448 x 448); this tries the sizes around the ideal one and keeps the best.
        """
        shrink = min(1.0, math.sqrt(self._area / (width * height)))
        best: tuple[float, Fit] | None = None
        for across, down in self._candidates(width * shrink, height * shrink):
            if across > width or down > height or across * down > self._area:
                continue
            fit = _covering(width, height, (across, down))
            used = across * down / (fit.resized[0] * fit.resized[1])  # share of the picture that is not cropped
            worth = across * down / self._area * used**2
            if best is None or worth > best[0]:
                best = worth, fit
        if best is not None:
            return best[1]
        eights = (max(8, min(width, self._step) // 8 * 8), max(8, min(height, self._step) // 8 * 8))
        return _covering(width, height, eights)  # smaller than one step: the largest box of whole latents

    def _candidates(self, width: float, height: float) -> list[tuple[int, int]]:
        """Boxes around the ideal size, and for strips narrower than a step those as long as the area allows."""
        step = self._step
        found = [(across, down) for across in _around(width, step) for down in _around(height, step)]
        longest = self._area // step // step * step
        return [*found, (longest, step), (step, longest)] if min(width, height) < step else found


def _around(side: float, step: int) -> list[int]:
    floor = int(side // step) * step
    return [size for size in (floor - step, floor, floor + step) if size >= step]


def _covering(width: int, height: int, bucket: tuple[int, int]) -> Fit:
    if width / height > bucket[0] / bucket[1]:
        resized = (int(width * bucket[1] / height + 0.5), bucket[1])
    else:
        resized = (bucket[0], int(height * bucket[0] / width + 0.5))
    return Fit(bucket, (max(resized[0], bucket[0]), max(resized[1], bucket[1])))


def shown_crop(width: int, height: int, bucket: tuple[int, int]) -> tuple[int, int]:
    """Top and left of the picture if it were fitted inside its bucket: what SDXL is told about cropping.

    Source:
        sd-scripts' ``get_crop_ltrb``: never negative; 1024 x 768 in 576 x 448 gives (8, 0).
    """
    inner: tuple[float, float] = bucket[1] * width / height, bucket[1]
    if width / height > bucket[0] / bucket[1]:
        inner = bucket[0], bucket[0] * height / width
    return int((bucket[1] - inner[1]) // 2), int((bucket[0] - inner[0]) // 2)
