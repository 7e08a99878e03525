"""Regularisation pictures by the WebUI's own generation, on the stand-in of ``tests.fake_webui``."""

from contextlib import closing

import numpy
from PIL import Image

from lib_train.app.session import Session
from tests.moves import ended

WISH = {"class_word": "cat", "class_prompt": "a cat<lora:x:1>", "class_negative_prompt": "dog", "num_class_images": 2,
        "class_steps": 2, "class_width": 64, "class_height": 128}  # fmt: skip


def txt2img(seed):
    from modules import processing, shared

    shared.cmd_opts.no_prompt_history = True
    p = processing.StableDiffusionProcessingTxt2Img(
        prompt="a cat", negative_prompt="dog", seed=seed, sampler_name="Euler a", steps=2, cfg_scale=7.0, width=64,
        height=128, batch_size=1, n_iter=1, do_not_save_samples=True, do_not_save_grid=True,
        do_not_reload_embeddings=True,
    )  # fmt: skip
    with closing(p):
        found = processing.process_images(p)
    return found.images[0], found.infotexts[0]


def test_pictures_of_the_job_are_those_of_txt2img_without_a_lora(sd_model, host, tmp_path):
    session = Session(host, tmp_path / "out")
    session.projects.create("p")
    session.regularisation.start("p", "v1", WISH)
    ended(session)
    for seed in (1, 2):
        path = tmp_path / "out" / "p" / "versions" / "v1" / "dataset" / "reg" / "1_cat" / f"seed-0000{seed}.png"
        wanted, infotext = txt2img(seed)
        with Image.open(path) as made:
            assert numpy.array_equal(numpy.asarray(made), numpy.asarray(wanted))
            assert made.info["parameters"] == infotext
