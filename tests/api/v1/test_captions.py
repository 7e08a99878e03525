from lib_train.config.codec import config_of


def test_captions_kept_with_an_ending_of_the_command_line_are_shown_and_written_where_it_is_allowed(
    api, version, session, other_api
):
    session.keep_settings("mochi", "v1", config_of({"caption_extension": ".tags"}))
    picture = session.gallery.path("mochi", "v1", 0)
    file = picture.with_suffix(".tags")
    file.write_text("mochi")
    one = {"name": picture.name, "replaces": "mochi", "caption": "x"}
    assert api.get(version + "/pictures/0")["caption"] == "mochi"
    api("PUT", version + "/pictures/0/caption", 422, json=one)
    assert file.read_text() == "mochi"
    allowed = other_api([".tags"])
    allowed("PUT", version + "/pictures/0/caption", json=one)
    assert "problems" in allowed.post(version + "/plan", settings={"caption_extension": ".Tags"})
    assert file.read_text() == "x"
