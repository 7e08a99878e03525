"""Scripts that the WebUI asks about each picture: those that are always on, in order."""

from typing import Any

AlwaysVisible = object()


class Script:
    """What an extension or the WebUI itself adds to txt2img."""

    args_from = args_to = 0

    def setup(self, p: Any, *args: Any) -> None: ...

    def before_process(self, p: Any, *args: Any) -> None: ...


class Sampling(Script):
    """The WebUI's own: sampler, schedule, steps and seed come by its settings."""

    args_from, args_to = 1, 5

    def setup(self, p: Any, *args: Any) -> None:
        p.sampler_name, p.scheduler, p.steps, p.seed = args


class ScriptRunner:
    """Runs no script; with one, the WebUI puts the whole prompt back before it writes the infotext."""

    def __init__(self, *always: Script) -> None:
        self.always = always

    def setup_scrips(self, p: Any) -> None:
        for one in self.always:
            one.setup(p, *p.script_args[one.args_from : one.args_to])

    def before_process(self, p: Any) -> None:
        for one in self.always:
            one.before_process(p, *p.script_args[one.args_from : one.args_to])


scripts_txt2img = ScriptRunner(Sampling())
