import json
from pathlib import Path

import numpy
import pytest

from lib_train.diffusion.schedule import alphas_cumprod
from lib_train.host.standalone.noise_levels import SCHEDULES, Table, levels

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "noise_levels.json").read_text())
BARS = alphas_cumprod().numpy()
SIGMAS = ((1 - BARS) / BARS) ** 0.5


@pytest.mark.parametrize("name", GOLDEN)
def test_noise_before_each_step_is_the_webui_s(name):
    if name not in SCHEDULES and name == "Beta":
        pytest.skip("there is no scipy")
    for steps, wanted in GOLDEN[name].items():
        found = levels(name.removesuffix(" SDXL"), int(steps), Table(SIGMAS, is_sdxl=name.endswith(" SDXL")))
        assert found == pytest.approx(wanted, rel=2e-5, abs=1e-9)


def test_every_schedule_of_the_webui_is_there():
    assert set(GOLDEN) - {"Beta", "Align Your Steps SDXL"} == set(SCHEDULES) - {"Beta"}


@pytest.mark.parametrize("name", SCHEDULES)
def test_noise_falls_and_the_last_but_one_can_be_left_out(name):
    table = Table(SIGMAS)
    for steps in (1, 2, 7, 150):
        found = levels(name, steps, table)
        assert (numpy.diff(found) < 0).all()
        assert len(found) >= steps + 1
    whole, fewer = levels(name, 8, table), levels(name, 7, table, without_last_but_one=True)
    assert fewer.tolist() == [*whole[:-2], whole[-1]]


def test_timesteps_and_noise_are_turned_into_each_other():
    table = Table(SIGMAS)
    times = numpy.array([0.0, 0.4, 500.0, 998.7, 999.0])
    assert table.times_of(table.at(times)) == pytest.approx(times, abs=1e-3)
    assert table.times_of(numpy.zeros(1)) == [0]
