import time
from types import SimpleNamespace
from typing import Any

from modules import devices, upscaler
from modules.interrogate import InterrogateModels

cmd_opts = SimpleNamespace(lowvram=False, no_prompt_history=False, lora_dir="", no_half=True)
opts = SimpleNamespace(data={}, interrogate_keep_models_in_memory=False)
models_path = ""
interrogator = InterrogateModels()
sd_upscalers: list[upscaler.UpscalerData] = upscaler.builtin()
device = devices.device
demo: Any = None
parallel_processing_allowed = True
loaded_hypernetworks: list[object] = []
total_tqdm = SimpleNamespace(clear=lambda: None)


class State:
    skipped = interrupted = stopping_generation = False
    job, job_no, job_count = "", 0, 0
    sampling_step = sampling_steps = 0
    current_latent: Any = None
    textinfo: Any = None
    time_start: float | None = None

    def begin(self, job: str = "(unknown)") -> None:
        self.interrupted = self.skipped = self.stopping_generation = False
        self.time_start = time.time()
        self.job, self.job_no, self.job_count, self.current_latent = job, 0, -1, None

    def end(self) -> None:
        self.job, self.job_count, self.current_latent = "", 0, None


state = State()


def __getattr__(name: str) -> Any:
    """``sd_model`` is whatever is loaded."""
    if name != "sd_model":
        raise AttributeError(name)
    from modules import sd_models

    return sd_models.model_data.sd_model
