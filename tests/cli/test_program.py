import subprocess
import sys

import pytest

from tests.cli.commands import run

COMMANDS = ("demo", "train", "plan", "preview", "inspect", "install-embedded")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_explains_with_an_example(capsys, command):
    with pytest.raises(SystemExit) as stopped:
        run(command, "--help")
    assert stopped.value.code == 0
    assert f"example:\n  train-tools {command}" in capsys.readouterr().out


def test_help_and_settings_load_no_torch():
    code = (
        "import sys, lib_train.cli as c, lib_train.config.codec\n"
        "try: c.main(['train', '--help'])\n"
        "except SystemExit: pass\n"
        "sys.exit('torch' in sys.modules or 'PIL' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
