from dataclasses import replace

import pytest

from lib_train.host.protocol import BaseModelRef, PictureRequest
from lib_train.jobs.known_pictures import mark_of_request


@pytest.fixture
def files(tmp_path):
    found = [tmp_path / f"{name}.safetensors" for name in ("base", "one", "other")]
    for path in found:
        path.write_bytes(path.stem.encode() * 1000)
    return found


def test_mark_is_that_of_before_schedules_and_second_networks_where_a_request_has_none(files):
    base, one, _ = files
    request = PictureRequest(prompt="a", network=one, weight=0.5)
    assert mark_of_request(BaseModelRef("base", base), request).startswith("a070b02b202fb720")


def test_mark_changes_with_schedule_and_with_each_further_network_and_its_weight(files):
    base, one, other = files
    request = PictureRequest(prompt="a", network=one, weight=0.5)
    asked = [request, replace(request, scheduler="Karras"), replace(request, others=((other, 0.6),)),
             replace(request, others=((other, 0.7),)), replace(request, others=((one, 0.6),)),
             replace(request, network=None)]  # fmt: skip
    assert len({mark_of_request(BaseModelRef("base", base), one) for one in asked}) == len(asked)


def test_mark_does_not_change_with_a_place_of_a_file(files, tmp_path):
    base, one, other = files
    moved = tmp_path / "elsewhere" / "another.safetensors"
    moved.parent.mkdir()
    moved.write_bytes(other.read_bytes())
    ref = BaseModelRef("base", base)
    first, second = (PictureRequest(prompt="a", network=one, others=((path, 0.6),)) for path in (other, moved))
    assert mark_of_request(ref, first) == mark_of_request(ref, second)
