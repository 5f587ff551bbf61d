"""Writes the files beside this one with torch and safetensors: python make.py. Tested with torch 2.13, safetensors 0.8."""

from pathlib import Path

import torch
from safetensors.torch import save_file

HERE = Path(__file__).parent
EVERY_BYTE = torch.arange(256, dtype=torch.uint8)

# Every pattern of eight bits, and what torch says that it is.
floats8 = {}
for name, dtype in {"e4m3": torch.float8_e4m3fn, "e5m2": torch.float8_e5m2}.items():
    floats8[name] = EVERY_BYTE.clone().view(dtype)
    floats8[name + ".value"] = EVERY_BYTE.view(dtype).float()
save_file(floats8, HERE / "float8.safetensors", metadata={"format": "pt"})

# Halves at the ends of their ranges and around them.
values = torch.tensor([0.0, -0.0, 1.0, -1.5, 1e-7, 6.1e-5, 65504.0, -1e5, 3e38, float("inf"), float("nan"), 0.1])
halves = {"value": values}
for name, dtype in {"f16": torch.float16, "bf16": torch.bfloat16}.items():
    halves[name] = values.to(dtype)
    halves[name + ".value"] = values.to(dtype).float()
save_file(halves, HERE / "halves.safetensors")

# One tensor of each type that torch has, a number without dimensions, and one without elements.
types = {
    str(dtype).removeprefix("torch."): torch.zeros(2, 3, dtype=torch.uint8).to(dtype)
    for dtype in [
        torch.float64, torch.float32, torch.float16, torch.bfloat16,
        torch.float8_e4m3fn, torch.float8_e5m2, torch.float8_e4m3fnuz, torch.float8_e5m2fnuz,
        torch.bool, torch.uint8, torch.int8, torch.uint16, torch.int16, torch.uint32, torch.int32,
        torch.uint64, torch.int64, torch.complex64,
    ]
}
types["float8_e8m0fnu"] = torch.zeros(2, 3, dtype=torch.uint8).view(torch.float8_e8m0fnu)
types["float4_e2m1fn_x2"] = torch.zeros(2, 3, dtype=torch.uint8).view(torch.float4_e2m1fn_x2)
types["number"] = torch.tensor(2.5)
types["none"] = torch.zeros(0, 4)
types["Größe\nzwei"] = torch.zeros(1)
save_file(types, HERE / "types.safetensors", metadata={"größe": "zwei"})
