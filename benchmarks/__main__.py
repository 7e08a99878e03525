"""``python -m benchmarks``: how near training comes to what the machine can do. Ends with one line of JSON."""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

import torch

from benchmarks import caching, kinds, pictures, start, steps
from benchmarks.subjects import Subject, write_sd15

_WAITS = {
    "open_again_s": "opened again", "filter_s": "a filter", "sort_s": "sorted by sharpness",
    "likeness_s": "sorted by likeness", "caption_s": "a caption saved", "page_s": "a page of 100 thumbnails",
    "key_s": "a keystroke in the settings", "key_after_caption_s": "a keystroke after a caption",
    "key_of_captions_s": "a keystroke in the trigger word",
}  # fmt: skip


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only",
        choices=("embedded", "sd15", "pictures", "kinds"),
        help="measure one model, sets of pictures, or kinds of network",
    )
    parser.add_argument("--rounds", type=int, default=5, help="measurements of each time; the median counts")
    parser.add_argument("--pictures", type=int, default=16, help="pictures for latent caching")
    parser.add_argument("--set", type=int, default=5000, help="pictures of 1 MP in a large set")
    options = parser.parse_args()
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for subject in _subjects(Path(folder), options.only):
            found |= _measure(subject, options.rounds, options.pictures)
    if options.only in (None, "pictures"):
        found |= _measure_set(options.set, options.rounds)
    if options.only in (None, "kinds"):
        found |= _measure_kinds(options.rounds)
    say(json.dumps({name: round(value, 4) for name, value in found.items()}))


def _subjects(folder: Path, only: str | None) -> list[Subject]:
    subjects = [Subject("embedded", "", 128)] if only in (None, "embedded") else []
    if only in (None, "sd15"):
        file = folder / "sd15.safetensors"
        say("writing a full-size SD1.5 with random weights ...")
        write_sd15(file)
        subjects.append(Subject("sd15", str(file), 256))
    return subjects


def _measure_kinds(rounds: int) -> dict[str, float]:
    say(f"\nkinds of network beside LyCORIS, forward and backward, fp32, {torch.get_num_threads()} threads")
    say("                                        ours      LyCORIS   time    kept MiB")
    found: dict[str, float] = {}
    for way, layer, one in kinds.measure(rounds):
        ratio = found[f"kind_{way}_{layer}"] = one["ours"] / one["theirs"]
        kept = f"{one['ours_kept'] / 2**20:7.1f} {one['theirs_kept'] / 2**20:7.1f}"
        say(f"  {way:22} {layer:12} {one['ours'] * 1e3:7.1f} ms {one['theirs'] * 1e3:8.1f} ms {ratio:6.2f} {kept}")
    return found


def _measure_set(count: int, rounds: int) -> dict[str, float]:
    say(f"\n{count} pictures of 1 MP, {os.cpu_count()} cores ...")
    found = pictures.measure(count, rounds)
    say(f"  first scan with thumbnails: {found['per_s']:.1f} pictures/s in the background, "
        f"{found['all_cores_per_s']:.1f} on all cores")  # fmt: skip
    say(f"  first page after {found['list_s']:.2f} s with names, {found['first_page_s']:.2f} s with its pictures")
    for name, text in _WAITS.items():
        say(f"  {text:34} {found[name]:7.3f} s")
    say(f"  the process grew by {found['grown_mib']:.0f} MiB")
    return {f"set_{name}": value for name, value in found.items()}


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
