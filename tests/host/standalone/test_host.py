"""What the standalone host does beyond the contract: files, kinds, devices, and no network."""

import shutil
import socket

import pytest
import torch
from safetensors.torch import load_file

from lib_train.errors import HostModelError, MissingPackage, ModelFileError
from lib_train.host.protocol import PictureRequest
from lib_train.host.standalone.host import StandaloneHost, weights_dtype
from lib_train.models import quiet
from tests.tiny import tiny_vae, write_file


@pytest.fixture
def host():
    return StandaloneHost(device="cpu")


def copied(checkpoint, folder, metadata=None, **more):
    return write_file(folder / "model.safetensors", load_file(checkpoint) | more, metadata)


def test_loading_and_drawing_never_touch_the_network(host, checkpoints, monkeypatch):
    def refused(*args, **kwargs):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "socket", refused)
    monkeypatch.setattr(socket, "create_connection", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    with host.borrow(host.find(str(checkpoints["sdxl"]))) as model:
        model.encode_captions(["a"], 1, 75)
        next(host.render(model, [PictureRequest(prompt="a", steps=1, width=64, height=64)]))


def test_folders_are_searched_for_checkpoints_and_titles_find_them(checkpoints, tmp_path):
    (tmp_path / "deep").mkdir()
    for name in ("b.CKPT", "deep/a.safetensors", "notes.txt"):
        (tmp_path / name).touch()
    host = StandaloneHost([tmp_path], device="cpu")
    assert [ref.title for ref in host.base_models()][-2:] == ["b.CKPT", "a.safetensors"]
    assert host.find("a.safetensors").path == tmp_path / "deep" / "a.safetensors"
    assert host.find("").title == "embedded"


@pytest.mark.parametrize("name", ["model.ckpt", "model.pt", "model"])
def test_safetensors_checkpoint_under_another_name_is_opened(host, checkpoints, tmp_path, name):
    (tmp_path / name).write_bytes(checkpoints["sd1"].read_bytes())
    found = host.size_of(host.find(str(tmp_path / name)))
    assert found == host.size_of(host.find(str(checkpoints["sd1"])))


def test_torch_checkpoint_under_a_safetensors_name_is_opened(host, checkpoints, tmp_path):
    path = tmp_path / "model.safetensors"
    torch.save({"state_dict": load_file(checkpoints["sd1"]), "global_step": 5}, path)
    with host.borrow(host.find(str(checkpoints["sd1"]))) as plain:
        wanted = plain.vae_key(), plain.text_key()
    with host.borrow(host.find(str(path), str(path))) as model:
        assert (model.vae_key(), model.text_key()) == wanted


def test_weights_kept_as_whole_numbers_are_refused_by_name(host, checkpoints, tmp_path):
    name = "model.diffusion_model.input_blocks.1.0.out_layers.3.weight"
    tensors = load_file(checkpoints["sd1"])
    path = write_file(tmp_path / "model.safetensors", tensors | {name: (tensors[name] * 100).to(torch.int8)})
    message = rf"model\.safetensors: {name} is kept as int8; choose a copy of it in fp16"
    with pytest.raises(ModelFileError, match=message), host.borrow(host.find(str(path))):
        pass


def test_separate_vae_takes_the_place_of_the_checkpoints_own(host, checkpoints, tmp_path):
    torch.manual_seed(9)
    file = write_file(tmp_path / "other.vae.safetensors", tiny_vae())
    with host.borrow(host.find(str(checkpoints["sd1"]))) as own:
        key, text_key = own.vae_key(), own.text_key()
    with host.borrow(host.find(str(checkpoints["sd1"]), str(file))) as other:
        assert other.vae_key() != key
        assert other.text_key() == text_key
        assert other.identity.vae_title == "other.vae.safetensors"


def test_checkpoint_without_a_vae_takes_a_separate_one_and_is_refused_alone(host, checkpoints, tmp_path):
    tensors = load_file(checkpoints["sd1"])
    bare = write_file(tmp_path / "bare.safetensors", {n: t for n, t in tensors.items() if "first_stage" not in n})
    vae = write_file(tmp_path / "vae.safetensors", tiny_vae())
    for use in (host.size_of, lambda ref: host.borrow(ref).__enter__()):
        with pytest.raises(ModelFileError, match=r"bare\.safetensors: holds no VAE"):
            use(host.find(str(bare)))
    ref = host.find(str(bare), str(vae))
    with host.borrow(ref) as model:
        assert host.size_of(ref).weights["vae"] == sum(p.numel() for p in model.vae.parameters())


def test_missing_vae_is_named(host, checkpoints, tmp_path):
    with pytest.raises(ModelFileError, match=r"vae = '.*none\.pt': there is no such file"):
        host.find(str(checkpoints["sd1"]), str(tmp_path / "none.pt"))


def test_yaml_beside_a_checkpoint_gives_scale_kind_and_heads(host, checkpoints, tmp_path):
    path = copied(checkpoints["sd1"], tmp_path)
    heads = "unet_config: {params: {num_heads: 4}}"
    path.with_suffix(".yaml").write_text(f"model: {{params: {{scale_factor: 0.5, parameterization: v, {heads}}}}}")
    with host.borrow(host.find(str(path))) as model:
        assert (model.scale_factor, model.prediction_type) == (0.5, "v")
        assert model.unet.config.attention_head_dim == (4, 4, 4, 4)


@pytest.mark.parametrize("family", ["sd1", "sd2", "sdxl"])
@pytest.mark.parametrize(
    ("metadata", "more", "kind"),
    [
        ({"modelspec.prediction_type": "v"}, {}, "v"),
        ({"modelspec.prediction_type": "epsilon"}, {}, "epsilon"),
        (None, {"v_pred": torch.zeros(0)}, "v"),
        (None, {}, "epsilon"),
    ],
    ids=["metadata v", "metadata epsilon", "v_pred", "nothing"],
)
def test_prediction_follows_the_files_own_word(host, checkpoints, tmp_path, family, metadata, more, kind):
    with host.borrow(host.find(str(copied(checkpoints[family], tmp_path, metadata, **more)))) as model:
        assert model.prediction_type == kind


@pytest.mark.parametrize(
    ("keys", "kind", "last", "note"),
    [
        (("v_pred", "ztsnr"), "v", 0.0, "trained with that noise schedule"),
        (("ztsnr",), "epsilon", 0.00466, "the ordinary one is used"),
        (("v_pred",), "v", 0.00466, None),
    ],
    ids=["v and ztsnr", "ztsnr alone", "v alone"],
)
def test_schedule_follows_the_files_own_word_and_the_plan_says_so(host, checkpoints, tmp_path, keys, kind, last, note):
    path = copied(checkpoints["sdxl"], tmp_path, **{key: torch.zeros(0) for key in keys})
    notes = host.size_of(host.find(str(path))).notes
    assert len(notes) == (note is not None)
    assert note is None or note in notes[0]
    with host.borrow(host.find(str(path))) as model:
        assert (model.prediction_type, round(float(model.alphas_cumprod[-1]), 5)) == (kind, last)
        request = PictureRequest(prompt="a", steps=2, width=64, height=64)
        _, text = next(host.render(model, [request]))
        assert text["parameters"].endswith(", Noise Schedule: Zero Terminal SNR") == (last == 0)


def test_silence_of_a_yaml_counts_less_than_the_files_own_word(host, checkpoints, tmp_path):
    path = copied(checkpoints["sd1"], tmp_path, v_pred=torch.zeros(0))
    path.with_suffix(".yaml").write_text("model: {params: {scale_factor: 0.5}}")
    with host.borrow(host.find(str(path))) as model:
        assert model.prediction_type == "v"


def test_yaml_that_says_v_beside_a_file_that_says_epsilon_is_a_mismatch_until_somebody_decides(
    host, checkpoints, tmp_path
):
    path = copied(checkpoints["sd1"], tmp_path, {"modelspec.prediction_type": "epsilon"})
    assert host.size_of(host.find(str(path))).mismatches == ()
    path.with_suffix(".yaml").write_text("model: {params: {parameterization: v}}")
    (wrong,) = host.size_of(host.find(str(path))).mismatches
    assert "set prediction_type" in wrong
    decided = host.size_of(host.find(str(path), "", "epsilon"))
    assert (decided.mismatches, decided.predicts) == ((), "epsilon")


def test_sd2_that_gives_back_minus_its_input_is_a_v_model(host, checkpoints, tmp_path):
    bias = "model.diffusion_model.out.2.bias"
    with host.borrow(host.find(str(copied(checkpoints["sd2"], tmp_path, **{bias: torch.full((4,), -3.0)})))) as model:
        assert model.prediction_type == "v"


def test_prediction_given_by_hand_wins(checkpoints, tmp_path):
    path = copied(checkpoints["sd2"], tmp_path, {"modelspec.prediction_type": "epsilon"})
    host = StandaloneHost(device="cpu", prediction_type="v")
    with host.borrow(host.find(str(path))) as model:
        assert model.prediction_type == "v"
    with host.borrow(host.find(str(path), prediction_type="epsilon")) as model:
        assert model.prediction_type == "epsilon"


def broken(checkpoint, folder, part):
    """A copy whose tensors with this part in their name hold NaN."""
    tensors = load_file(checkpoint)
    names = [name for name in tensors if part in name]
    assert names
    return write_file(folder / "broken.safetensors", tensors | {name: tensors[name] * torch.nan for name in names})


@pytest.mark.parametrize(("family", "side"), [("", 128), ("sd1", 512), ("sd2", 768), ("sdxl", 1024)])
def test_size_tells_what_a_model_was_trained_at(host, checkpoints, family, side):
    assert host.size_of(host.find(str(checkpoints[family]) if family else "")).side == side


@pytest.mark.parametrize("given", [False, True], ids=["own VAE", "separate VAE"])
def test_broken_vae_is_named_by_its_file(host, checkpoints, tmp_path, given):
    file = broken(checkpoints["sd1"], tmp_path, "first_stage_model.encoder.conv_in.weight")
    ref = host.find(str(checkpoints["sd1"]), str(file)) if given else host.find(str(file))
    with host.borrow(ref) as model:
        assert not model.encode_images(torch.zeros(1, 3, 64, 64)).mean.isfinite().any()
        text = "the VAE in broken.safetensors is broken, 1 of its tensors hold NaN or infinity (encoder.conv_in.weight)"
        assert model.vae_fault().startswith(text)


def test_vae_that_overflows_in_half_precision_has_another_way_out(checkpoints):
    half = StandaloneHost(device="cpu", dtype=torch.float16)
    with half.borrow(half.find(str(checkpoints["sd1"]))) as model:
        told = "the VAE in tiny_sd1.safetensors overflows in half precision (float16): give a VAE made for fp16 (vae)"
        assert model.vae_fault() == f"{told}, or set mixed_precision to bf16 or no"


@pytest.mark.parametrize(
    ("part", "weight", "told"),
    [
        (
            "output_blocks.3.0.in_layers.2.weight",
            0.5,
            "the base model broken.safetensors is broken, 1 of its tensors hold",
        ),
        (None, 0.5, "so it is with odd.safetensors at weight 0.5: lower preview_weights"),
        ("decoder.conv_in.bias", 0, "the VAE in broken.safetensors is broken"),
    ],
    ids=["base model", "network", "VAE"],
)
def test_picture_of_nan_is_no_black_picture_but_a_sentence(host, checkpoints, tmp_path, part, weight, told):
    file = broken(checkpoints["sd1"], tmp_path, part) if part else checkpoints["sd1"]
    odd = tmp_path / "odd.safetensors"
    layer = "lora_unet_mid_block_resnets_0_conv1"
    write_file(odd, {f"{layer}.lora_down.weight": torch.full((1, 64, 3, 3), torch.inf),
                     f"{layer}.lora_up.weight": torch.ones(64, 1, 1, 1)})  # fmt: skip
    request = PictureRequest(prompt="a", steps=1, width=64, height=64, network=None if part else odd, weight=weight)
    with host.borrow(host.find(str(file))) as model, pytest.raises(HostModelError, match="holds NaN: ") as caught:
        next(host.render(model, [request]))
    assert told in str(caught.value)


def test_file_that_changes_after_loading_does_not_change_its_weights_on_disk(host, checkpoints):
    before = checkpoints["sd1"].read_bytes()
    with host.borrow(host.find(str(checkpoints["sd1"]))) as model:
        for parameter in model.unet.parameters():
            parameter.data.zero_()
    assert checkpoints["sd1"].read_bytes() == before


@pytest.mark.parametrize(
    ("family", "kept", "vae"),
    [
        ("sd1", torch.bfloat16, torch.float32),
        ("sd1", torch.float16, torch.float16),
        ("sdxl", torch.float16, torch.float32),
    ],
)
def test_weights_have_the_asked_type_and_the_vae_one_that_serves_it(checkpoints, family, kept, vae):
    host = StandaloneHost(device="cpu", dtype=kept)
    with host.borrow(host.find(str(checkpoints[family]))) as model:
        assert {p.dtype for m in (model.unet, *model.text_encoders) for p in m.parameters()} == {kept}
        assert model.vae.dtype == vae  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("precision", "dtype"), [("auto", torch.float32), ("no", torch.float32), ("bf16", torch.bfloat16)]
)
def test_weights_on_a_cpu_are_kept_in_the_type_of_the_computation(precision, dtype):
    assert weights_dtype(precision, "cpu") == dtype


def test_size_is_reckoned_once_until_a_file_changes(checkpoints, tmp_path, monkeypatch):
    file = tmp_path / "a.safetensors"
    shutil.copy(checkpoints["sd1"], file)
    host = StandaloneHost(device="cpu")
    first = host.size_of(host.find(str(file)))
    with monkeypatch.context() as patch:
        patch.setattr("lib_train.host.standalone.host.open_tensors", lambda path: pytest.fail("was read again"))
        assert host.size_of(host.find(str(file))) == first
    for change in (lambda: file.with_suffix(".yaml").write_text("model: {params: {parameterization: v}}"),
                   lambda: shutil.copy(checkpoints["sdxl"], file)):  # fmt: skip
        change()
        found = host.size_of(host.find(str(file)))
        assert found == StandaloneHost(device="cpu").size_of(host.find(str(file)))
    assert found.family == "sdxl"


@pytest.mark.parametrize("package", ["diffusers", "transformers"])
def test_a_package_that_models_are_built_of_and_that_is_not_there_is_named(host, monkeypatch, package):
    """As in the WebUI's environment, where the command line is run."""
    monkeypatch.setattr(quiet, "find_spec", lambda name: name != package or None)
    with (
        pytest.raises(MissingPackage, match=rf"needs the package {package}, .*: make .*demo"),
        host.borrow(host.find("")),
    ):
        pass
