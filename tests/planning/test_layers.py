import pytest

from tests.networks.test_choice import layers as layers_of_full_size
from tests.planning.test_report import SD15, picture, report

layers = layers_of_full_size


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"network_type": "full"}, "diff, diff_b"), ({"network_type": "dora"}, "dora_scale"),
        ({"train_norm": True}, "w_norm, b_norm"), ({"network_type": "ia3"}, ""), ({}, ""),
        ({"network_type": "full", "save_precision": "fp16"}, ""),
    ],
)  # fmt: skip
def test_plan_tells_which_parts_are_not_saved_in_bf16(layers, settings, told):
    network = {name: value for name, value in settings.items() if name != "save_precision"}
    precision = settings.get("save_precision", "bf16")
    size = SD15._replace(layers=layers["sd1"])
    notes = [note for note in report(picture(), size=size, network=network, save_precision=precision).notes
             if "save_precision" in note]  # fmt: skip
    assert [note.split(" are saved in fp16")[0] for note in notes] == (
        [f"save_precision = bf16: {told}"] if told else []
    )


def test_plan_refuses_what_the_webui_would_pass_over(layers):
    size = SD15._replace(family="sd2", layers=layers["sd2"])
    found = report(picture(), size=size, network={"network_layers": "*_[qv]_proj"}).problems
    assert [problem.setting for problem in found] == ["network_layers"]


def test_plan_counts_norms_and_factors(layers):
    """Of the U-Net's: 4 norms of 320, 640, 1280 channels; to_k and to_v of two attentions, and ff.net.2's inputs."""
    size = SD15._replace(layers=layers["sd1"])
    channels = 5 * 320 + 5 * 640 + 6 * 1280
    plain, norms, factors = (
        report(picture(), size=size, network=network, text_encoder_lr=0).network_weights
        for network in ({}, {"train_norm": True}, {"network_type": "ia3"})
    )
    assert norms - plain == 4 * 2 * channels
    assert factors == (4 + 4) * channels
