from lib_train.config.codec import config_of


def test_captions_kept_with_an_ending_of_the_command_line_are_shown_and_written_where_it_is_allowed(
    api, version, session, other_api
):
    session.keep_settings("mochi", "v1", config_of({"caption_extension": ".tags"}))
    first = api.get(version + "/pictures")["pictures"][0]
    file = session.root / "mochi/versions/v1/dataset/train" / first["folder"] / first["name"].replace(".png", ".tags")
    file.write_text("mochi")
    one = {"replaces": "mochi", "caption": "x"}
    assert api.get(f"{version}/pictures/{first['id']}")["caption"] == "mochi"
    api("PUT", f"{version}/pictures/{first['id']}/caption", 422, json=one)
    assert file.read_text() == "mochi"
    allowed = other_api([".tags"])
    allowed("PUT", f"{version}/pictures/{first['id']}/caption", json=one)
    assert "problems" in allowed.post(version + "/plan", settings={"caption_extension": ".Tags"})
    assert file.read_text() == "x"


def test_tokens_of_what_somebody_writes_are_counted_and_where_75_end(api, version):
    api("PATCH", version + "/settings", json={"changes": {"max_token_length": 150}})
    found = api.post(version + "/captions/tokens", parts=["a"] + [", a"] * 39)
    assert found == {"tokens": 79, "most": 150, "marks": [{"tokens": 75, "part": 38}]}
    assert api.post(version + "/captions/tokens", parts=[])["tokens"] == 0


def test_caption_of_sentences_is_told_from_one_of_tags(api, version):
    one = api.get(version + "/pictures")["pictures"][0]
    path = f"{version}/pictures/{one['id']}"
    assert api.get(path)["prose"] is False
    body = {"replaces": one["caption"], "caption": "mochi sits on a red sofa."}
    assert api("PUT", f"{path}/caption", json=body)["prose"] is True
