"""What a graphics card can do: its maker's figure, and a matrix product's on the card itself."""

import time

import torch

_PEAKS = {
    "H200": 989, "H100 PCIe": 756, "H100 NVL": 835, "H100": 989, "A100": 312, "A40": 150, "A10": 125, "L40S": 362,
    "L40": 181, "L4": 121, "V100": 125, "T4": 65, "RTX 6000 Ada": 364, "RTX A6000": 155, "RTX 5090": 210,
    "RTX 4090": 165, "RTX 4080": 97, "RTX 4070": 58, "RTX 3090 Ti": 80, "RTX 3090": 71, "RTX 3080": 60,
    "RTX 3060": 25.6,
}  # fmt: skip
"""Name -> TFLOP/s of dense 16-bit products with sums in 32 bits, by NVIDIA's data sheets; the first match counts."""


def peak_tflops(name: str) -> float | None:
    """Of a card by the name that torch gives it; None where this list does not know it."""
    return next((float(peak) for part, peak in _PEAKS.items() if part in name), None)


def matmul_tflops(device: torch.device, dtype: torch.dtype, side: int = 8192, seconds: float = 1.0) -> float:
    """TFLOP/s of square matrix products on the device: what the best kernel reaches there."""
    left, right = (torch.randn(side, side, device=device).to(dtype) for _ in range(2))
    for _ in range(3):
        left @ right
    settle(device)
    begun, count = time.perf_counter(), 0
    while (taken := time.perf_counter() - begun) < seconds:
        left @ right
        count += 1
        settle(device)
    return count * 2 * side**3 / taken / 1e12


def settle(device: torch.device) -> None:
    """Wait until the device has done all that it was sent."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
