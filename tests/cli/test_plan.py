from tests.cli.commands import run, small


def test_plan_tells_pictures_steps_files_and_notes_and_writes_nothing(tmp_path, pictures, checkpoints, capsys):
    before = sorted(tmp_path.rglob("*"))
    more = ("--max_train_epochs", 4, "--keep_tokens", 1, "--output", tmp_path / "out")
    code = run("plan", *small(pictures, checkpoints["sd1"], *more))
    output = capsys.readouterr().out
    assert code == 0
    for part in ("base model  tiny_sd1.safetensors", "pictures    3,", "steps       12: 4 epochs of 3",
                 "checkpoints 4 of", "disk", "memory      about",
                 "note        without effect: keep_tokens: tags are neither moved nor dropped"):  # fmt: skip
        assert part in output
    assert sorted(tmp_path.rglob("*")) == before


def test_plan_with_problems_lists_them_and_ends_with_two(pictures, checkpoints, capsys):
    (pictures / "2_mochi" / "1.txt").write_bytes("日本".encode("shift-jis"))
    assert run("plan", *small(pictures, checkpoints["sd1"])) == 2
    assert "1.txt cannot be read as UTF-8" in capsys.readouterr().out
