"""``python -m benchmarks``: how near training comes to what the machine can do. Ends with one line of JSON."""

import argparse
import json
import sys
import tempfile
from pathlib import Path

import torch

from benchmarks import caching, start, steps
from benchmarks.subjects import Subject, write_sd15


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", choices=("embedded", "sd15"), help="measure one model")
    parser.add_argument("--rounds", type=int, default=5, help="measurements of each time; the median counts")
    parser.add_argument("--pictures", type=int, default=16, help="pictures for latent caching")
    options = parser.parse_args()
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for subject in _subjects(Path(folder), options.only):
            found |= _measure(subject, options.rounds, options.pictures)
    say(json.dumps({name: round(value, 4) for name, value in found.items()}))


def _subjects(folder: Path, only: str | None) -> list[Subject]:
    subjects = [Subject("embedded", "", 128)] if only != "sd15" else []
    if only != "embedded":
        file = folder / "sd15.safetensors"
        say("writing a full-size SD1.5 with random weights ...")
        write_sd15(file)
        subjects.append(Subject("sd15", str(file), 256))
    return subjects


def _measure(subject: Subject, rounds: int, count: int) -> dict[str, float]:
    device = "cuda" if torch.cuda.is_available() else "cpu"
    say(f"\n{subject.name}, {subject.side} px, batch 1, dim 16, {device}")
    began = start.measure(subject)
    found = {f"{subject.name}_{name}": value for name, value in began.items()}
    say(f"  first step {began['first_step_s']:.1f} s after process start, peak memory {began['peak_gb']:.2f} GB")
    say("                 forward    limit     step   step/forward   step/limit")
    for label, precision in (("fp32", "no"), ("bf16", "bf16")):
        for part, text in (("unet", False), ("te", True)):
            times = steps.measure(subject, precision, text, rounds)
            forward, limit, step = times["forward"], times["limit"], times["step"]
            found[f"{subject.name}_{label}_{part}_step_over_limit"] = step / limit
            found[f"{subject.name}_{label}_{part}_step_over_forward"] = step / forward
            found[f"{subject.name}_{label}_{part}_step_s"] = step
            seconds = f"{forward:9.3f} s {limit:7.3f} s {step:7.3f} s"
            say(f"  {label} {part:5} {seconds} {step / forward:10.2f} {step / limit:12.3f}")
    rates = caching.measure(subject, count)
    key = "latents_over_vae" if subject.name == "sd15" else f"{subject.name}_latents_over_vae"
    found[key] = rates["cached"] / rates["vae"]
    say(f"  latents: {rates['cached']:.2f} pictures/s, bare VAE {rates['vae']:.2f}, ratio {found[key]:.3f}")
    return found


if __name__ == "__main__":
    main()
