def test_host_says_what_it_has_loaded(api):
    found = api.get("/host")
    assert (found["base_model"], found["problem"], found["device"]) == ("A.safetensors", None, "cpu")
    assert found["memory_bytes"] is None
    assert found["samplers"] == ["Euler a", "DDIM"]
    assert found["upscalers"] == ["Lanczos"]
    assert "u2net" in found["cut_outs"]
    assert found["installs"]
    assert found["outputs"] is False
