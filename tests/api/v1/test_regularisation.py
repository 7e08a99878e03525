WISH = {"class_word": "cat", "class_prompt": "a {red|red} cat", "num_class_images": 2, "class_steps": 1}


def test_wish_is_shown_before_and_carried_out_as_a_job(api, version, session):
    wished = api.get(version + "/regularisation")
    assert (wished["values"]["class_sampler"], wished["wildcards"]) == ("Euler a", [])
    assert [one["name"] for one in wished["settings"]][:3] == ["class_word", "class_prompt", "class_negative_prompt"]
    would = api.post(version + "/regularisation/preview", settings=WISH)
    assert (would["folder"], would["missing"], would["sizes"][0]["pictures"]) == ("1_cat", 2, 2)
    assert would["examples"][0] == {"seed": 1, "prompt": "a red cat", "caption": "a red cat"}
    api.post("/jobs", 202, kind="regularise", project="mochi", version="v1", regularisation=WISH)
    job = api.until_idle()
    assert (job["kind"], job["phase"]) == ("regularise", "finished")
    assert job["outcome_text"]["template"] == "made regularisation pictures in {folder}: {count}"
    assert api.get(version + "/pictures")["counts"]["regularisation"] == 2
    undone = api.post(version + "/edits/undo")
    assert (undone["files"], api.get(version + "/pictures")["counts"]["regularisation"]) == (4, 0)


def test_setting_that_cannot_be_used_is_named(api, version):
    for path, body in (
        (version + "/regularisation/preview", {"settings": {**WISH, "class_word": ""}}),
        ("/jobs", {"kind": "regularise", "project": "mochi", "version": "v1", "regularisation": {"class_prompt": "x"}}),
    ):
        error = api.post(path, 422, **body)["error"]
        assert [one["setting"] for one in error["problems"]] == ["class_word"]
