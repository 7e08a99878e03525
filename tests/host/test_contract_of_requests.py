"""The contract of ``Host`` on what requests of pictures may name beside a prompt."""

import pytest

from lib_train.checkpoints.files import write_network
from lib_train.errors import ConfigError
from tests.host.inputs import hash_of, network_of, picture_request


def test_schedule_of_a_request_stands_in_for_that_of_its_sampler_and_others_are_refused_before_anything_is_drawn(place):
    host, ref = place
    known = host.schedulers("Euler")
    assert "Automatic" in known
    with host.borrow(ref) as model:
        (usual, _), (automatic, _) = host.render(
            model, [picture_request(sampler=host.samplers()[0], scheduler=schedule) for schedule in ("", "Automatic")]
        )
        assert usual.tobytes() == automatic.tobytes()
        with pytest.raises(ConfigError, match="scheduler = 'Magic': (choose one of|Euler a? ?has) Automatic"):
            next(iter(host.render(model, [picture_request(), picture_request(scheduler="Magic")])))


def test_a_second_network_is_on_beside_the_first_with_its_own_weight(place, tmp_path):
    host, ref = place
    with host.borrow(ref) as model:
        before = hash_of(model)
        first, second = tmp_path / "first.safetensors", tmp_path / "second.safetensors"
        for file in (first, second):
            write_network(file, network_of(model).tensors(), {}, "float")
        others = ((second, 0.6),)
        requests = [
            picture_request(network=first, weight=0.4, others=others), picture_request(network=first, weight=1.0),
            picture_request(others=others), picture_request(network=second, weight=0.6), picture_request(),
        ]  # fmt: skip
        (both, text), (whole, _), (alone, _), (same, _), (bare, _) = host.render(model, requests)
        assert max(abs(a - b) for a, b in zip(both.tobytes(), whole.tobytes(), strict=True)) <= 2  # sums are rounded
        assert alone.tobytes() == same.tobytes()
        assert len({both.tobytes(), alone.tobytes(), bare.tobytes()}) == 3
        prompt = text["parameters"].partition("\n")[0].replace(" ", "")
        assert "<lora:first:0.4><lora:second:0.6>" in prompt
        assert hash_of(model) == before
