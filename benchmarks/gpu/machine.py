"""``python -m benchmarks.gpu.machine``: what this machine is, as JSON."""

import json
import platform
import sys

import torch

from benchmarks.gpu.cards import matmul_tflops, peak_tflops


def described() -> dict[str, object]:
    """Python, torch, and the card with what its maker and a matrix product say of its speed."""
    found: dict[str, object] = {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "cuda": torch.cuda.is_available(),
    }
    if not torch.cuda.is_available():
        return found
    device, name = torch.device("cuda"), torch.cuda.get_device_name()
    return {
        **found,
        "card": name,
        "cuda_version": torch.version.cuda,
        "memory_gb": round(torch.cuda.get_device_properties(device).total_memory / 2**30, 1),
        "peak_tflops": peak_tflops(name),
        "matmul_fp16_tflops": round(matmul_tflops(device, torch.float16), 1),
        "matmul_bf16_tflops": round(matmul_tflops(device, torch.bfloat16), 1),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(described()) + "\n")
