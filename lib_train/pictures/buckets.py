"""Sizes that pictures are brought to. Pure numbers."""

import math
from random import Random

from lib_train.config.dataset import DatasetConfig
from lib_train.pictures.records import Fit


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
    """Assigns each picture size its bucket, and the size that it is resized to."""

    def __init__(self, config: DatasetConfig) -> None:
        self._config = config
        self._known: dict[tuple[int, int], Fit] = {}
        self._step = config.bucket_reso_steps
        width, height = config.size
        self._area = width * height
        low, high = config.bucket_limits
        low, high = low // self._step * self._step, -(-high // self._step) * self._step
        self._sizes = bucket_sizes(width, height, max(low, self._step), high, self._step)

    def fit(self, width: int, height: int) -> Fit:
        """Bucket and resized size of a picture of ``width`` x ``height`` pixels."""
        size = width, height
        if size not in self._known:
            self._known[size] = self._fitted(width, height)
        return self._known[size]

    def _fitted(self, width: int, height: int) -> Fit:
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
        448 x 448); this tries the sizes around the ideal one and keeps the best. Thinner than a step: see ``_strip``.
        """
        best: tuple[float, Fit] | None = None
        for across, down in self._boxes(width, height):
            if not (self._step <= across <= width and self._step <= down <= height and across * down <= self._area):
                continue
            fit = _covering(width, height, (across, down))
            used = across * down / (fit.resized[0] * fit.resized[1])  # share of the picture that is not cropped
            worth = across * down * used**2
            if best is None or worth > best[0]:
                best = worth, fit
        return best[1] if best is not None else self._strip(width, height)

    def _boxes(self, width: int, height: int) -> list[tuple[int, int]]:
        """Around the ideal size, and for each of those sides the longest other one."""
        shrink = min(1.0, math.sqrt(self._area / (width * height)))
        sides, heights = (_around(side * shrink, self._step) for side in (width, height))
        boxes = [(across, down) for across in sides for down in heights]
        boxes += [(across, self._floored(min(height, self._area // across))) for across in sides]
        return boxes + [(self._floored(min(width, self._area // down)), down) for down in heights]

    def _floored(self, side: int) -> int:
        return side // self._step * self._step

    def _strip(self, width: int, height: int) -> Fit:
        """For what is thinner than a step: enlarged to one step, and as long as the training area allows.

        Models take no smaller picture; sd-scripts makes a bucket with a side of 0 here.
        """
        short, long = sorted((width, height))
        enlarged = max(1.0, self._step / short)
        most = min(int(long * enlarged + 0.5), self._area // self._step)
        length = max(self._floored(most), self._step)
        return _covering(width, height, (length, self._step) if width > height else (self._step, length))


def _around(side: float, step: int) -> list[int]:
    floor = int(side // step) * step
    return [size for size in (floor - step, floor, floor + step) if size >= step]


def _covering(width: int, height: int, bucket: tuple[int, int]) -> Fit:
    if width / height > bucket[0] / bucket[1]:
        resized = (int(width * bucket[1] / height + 0.5), bucket[1])
    else:
        resized = (bucket[0], int(height * bucket[0] / width + 0.5))
    return Fit(bucket, (max(resized[0], bucket[0]), max(resized[1], bucket[1])))


def crop_of(fit: Fit, rng: Random | None = None) -> tuple[int, int]:
    """Left and top, in resized pixels, of what the bucket keeps: the centre, or with ``rng`` a random place."""
    spare = (fit.resized[0] - fit.bucket[0], fit.resized[1] - fit.bucket[1])
    if rng is None:
        return spare[0] // 2, spare[1] // 2
    return rng.randint(0, spare[0]), rng.randint(0, spare[1])
