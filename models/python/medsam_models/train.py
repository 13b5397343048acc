"""Training of the crop model: AdamW, bfloat16 on CPUs that have it, a running average of the weights.

The learning rate is held, then falls to zero over the last 40 % of the budget (steps or minutes, whichever
is used up first), so that a run can be ended early: resume it with a smaller budget.
"""

from __future__ import annotations

import copy
import json
import time
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader

from .corpus import Picture, held_out, load_corpus
from .crop import CropContract
from .network import CropNet
from .samples import Samples
from .validate import validate, validation_cases
from .walker import Guess, Walker
from .warm_start import warm_start

BATCH, AVERAGE = 16, 0.998
OUTLINE_WEIGHT, SCORE_WEIGHT = 0.3, 1.0
WARM_UP_STEPS, DECAY_SHARE = 200, 0.4
WARM_START_SAMPLES = 64
# Without units for it, bfloat16 is emulated, some twenty times slower than float32.
HAS_BFLOAT16 = bool(torch.cpu.get_capabilities().get("amx_bf16") or torch.cpu.get_capabilities().get("avx512_bf16"))


@dataclass(frozen=True)
class Budget:
    steps: int
    minutes: float


def loss_of(logits: Tensor, score: Tensor, target: Tensor) -> Tensor:
    """Of logits [n, 1, S, S] and score [n]: cross entropy for every pixel, soft Dice per sample for the object as a whole, the
    same of the outlines for where it ends, and the score's distance from the IoU that the mask really has."""
    chance = torch.sigmoid(logits)
    shape = F.binary_cross_entropy_with_logits(logits, target) + 1 - soft_dice(chance, target).mean()
    outline = 1 - soft_dice(outline_of(chance), outline_of(target)).mean()
    return shape + OUTLINE_WEIGHT * outline + SCORE_WEIGHT * (score - iou_of(logits, target)).abs().mean()


def soft_dice(a: Tensor, b: Tensor) -> Tensor:
    return (2 * (a * b).sum(dim=(1, 2, 3)) + 1) / (a.sum(dim=(1, 2, 3)) + b.sum(dim=(1, 2, 3)) + 1)


def outline_of(share: Tensor) -> Tensor:
    """Bright where 3x3 pixels are neither all inside nor all outside."""
    return F.max_pool2d(share, 3, 1, 1) + F.max_pool2d(-share, 3, 1, 1)


@torch.no_grad()
def iou_of(logits: Tensor, target: Tensor) -> Tensor:
    found, truth = logits > 0, target > 0.5
    return (found & truth).sum(dim=(1, 2, 3)) / (found | truth).sum(dim=(1, 2, 3)).clamp_min(1)


def rate_at(rate: float, step: int, progress: float) -> float:
    return rate * min(1.0, (step + 1) / WARM_UP_STEPS) * min(1.0, max(0.0, (1 - progress) / DECAY_SHARE))


def average_into(average: nn.Module, model: nn.Module, keep: float) -> None:
    with torch.no_grad():
        for mean, value in zip(average.state_dict().values(), model.state_dict().values()):
            if mean.dtype.is_floating_point:
                mean.lerp_(value, 1 - keep)
            else:
                mean.copy_(value)


def split(corpus: dict[str, list[Picture]]) -> tuple[dict[str, list[Picture]], dict[str, list[Picture]]]:
    """(training, validation), apart by patient."""
    parts = tuple({n: [p for p in ps if held_out(p.group) == out] for n, ps in corpus.items()} for out in (False, True))
    return parts[0], parts[1]


def train(data: Path, out: Path, seed: int, budget: Budget, rate: float, start_from: Path | None) -> None:
    """Trains, or goes on with, `out/last.pt`; writes `out/log.jsonl` beside it.

    start_from: exported weights that a new run begins with, instead of chance; all along, they make the masks that are shown beside
    slices. Raises ValueError when a run goes on with others than it began with.
    """
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    contract, model = CropContract(), CropNet().to(memory_format=torch.channels_last)
    training, validation = split(load_corpus(data))
    state = {"step": 0, "seconds": 0.0, "rate": rate, "start_from": None}
    carrier = Guess()
    if start_from is not None:
        carrier = Walker(start_from, contract)
        some = Samples(training, contract, seed, 0, WARM_START_SAMPLES, carrier)
        warm_start(model, start_from, torch.stack([some[i][0] for i in range(len(some))]))
        state["start_from"] = sha256(start_from.read_bytes()).hexdigest()
    average = copy.deepcopy(model)
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.01)
    if (out / "last.pt").exists():
        saved = torch.load(out / "last.pt", weights_only=True)
        model.load_state_dict(saved["model"])
        average.load_state_dict(saved["average"])
        optimiser.load_state_dict(saved["optimiser"])
        if saved["state"]["start_from"] != state["start_from"]:
            raise ValueError(f"{out} began with other weights than --start-from names")
        state = saved["state"]
    cases = validation_cases(validation, contract, seed, carrier)
    first = state["step"] * BATCH
    samples = Samples(training, contract, seed, first, budget.steps * BATCH - first, carrier)
    loader = DataLoader(samples, batch_size=BATCH, num_workers=1, prefetch_factor=8)
    last, losses = time.monotonic(), []

    def save() -> None:
        record = {"model": model.state_dict(), "average": average.state_dict(), "optimiser": optimiser.state_dict()}
        torch.save({**record, "state": state, "seed": seed, "contract": asdict(contract)}, out / "next.pt")
        (out / "next.pt").replace(out / "last.pt")

    def report() -> None:
        scores = validate(average, cases)
        means = {"loss": float(np.mean(losses)), "mean": float(np.mean([*scores.values()]))}
        line = {**state, **{name: round(value, 4) for name, value in means.items()}, **scores}
        with (out / "log.jsonl").open("a") as log:
            log.write(json.dumps(line) + "\n")
        losses.clear()

    for crops, targets in loader:
        progress = max(state["step"] / budget.steps, state["seconds"] / 60 / budget.minutes)
        if progress >= 1:
            break
        for group in optimiser.param_groups:
            group["lr"] = rate_at(rate, state["step"], progress)
        model.train()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=HAS_BFLOAT16):
            logits, score = model(crops.to(memory_format=torch.channels_last))
        loss = loss_of(logits.float(), score.float(), targets)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        optimiser.step()
        # Early on a long average would only remember the beginning.
        average_into(average, model, min(AVERAGE, (1 + state["step"]) / (10 + state["step"])))
        losses.append(loss.item())
        now = time.monotonic()
        state = {**state, "step": state["step"] + 1, "seconds": round(state["seconds"] + now - last, 1)}
        last = now
        if state["step"] % 100 == 0:
            print(state, f"loss {np.mean(losses[-100:]):.4f}", flush=True)
        if state["step"] % 250 == 0:
            save()
        if state["step"] % 1000 == 0:
            report()
    report()
    save()
