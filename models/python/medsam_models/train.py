"""Training of the crop model: AdamW, bfloat16 where there are units for it, a running average of the weights, which also makes the
masks that samples show beside a slice.

The learning rate is held, then falls to zero over the last 40 % of the budget (steps or minutes, whichever
is used up first), so that a run can be ended early: resume it with a smaller budget.
"""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Iterator
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
from .network import CropNet, autocast
from .samples import Batch, Samples
from .solid_pictures import RUN
from .validate import validate, validation_cases
from .walker import Walker
from .warm_start import warm_start

BATCH, AVERAGE = 32, 0.998
OUTLINE_WEIGHT, SCORE_WEIGHT = 0.3, 1.0
WARM_UP_STEPS, DECAY_SHARE = 200, 0.4
WARM_START_SAMPLES = 64
# Steps.
SAVE_EVERY, REPORT_EVERY = 250, 2500
# Batches that each worker is ahead, at most.
PREFETCHED = 4
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
    means, values = (
        [value for value in network.state_dict().values() if value.dtype.is_floating_point] for network in (average, model)
    )
    torch._foreach_lerp_(means, values, 1 - keep)


def split(corpus: dict[str, list[Picture]]) -> tuple[dict[str, list[Picture]], dict[str, list[Picture]]]:
    """(training, validation), apart by patient."""
    parts = tuple({n: [p for p in ps if held_out(p.group) == out] for n, ps in corpus.items()} for out in (False, True))
    return parts[0], parts[1]


def begin_with(model: CropNet, weights: Path, training: dict[str, list[Picture]], contract: CropContract, seed: int) -> None:
    """Gives `model` the function of exported `weights`. Raises ValueError when they are of another network."""
    some = Samples(training, contract, seed, Walker(model, contract)).__getitems__(Batch(range(WARM_START_SAMPLES)))
    warm_start(model, weights, torch.stack([crop for crop, _ in some]))


class Batches:
    """The batches from number `first` to before `end`, for workers that take turns: each has painted volumes of its own.

    Every batch says which of the walker's generations, one more after each save, makes its masks: one that is there however far
    workers are ahead, so that a run takes the same course however fast they are.
    """

    def __init__(self, first: int, end: int, workers: int):
        if PREFETCHED * workers > SAVE_EVERY:
            raise ValueError(f"--workers: at most {SAVE_EVERY // PREFETCHED}, or the weights that make their masks may be gone")
        self.first, self.end, self.workers = first, end, workers

    def __iter__(self) -> Iterator[Batch]:
        in_run, ahead = RUN // BATCH, PREFETCHED * self.workers
        for batch in range(self.first, self.end):
            turn, worker = divmod(batch, self.workers)
            run = turn // in_run * self.workers + worker
            start = run * RUN + turn % in_run * BATCH
            saves = (batch - ahead) // SAVE_EVERY - self.first // SAVE_EVERY
            yield Batch(range(start, start + BATCH), max(0, saves))


@dataclass(frozen=True)
class Machine:
    """device: "cpu" or "cuda"; workers: processes that make samples, and so which come first."""

    device: str
    workers: int


def train(data: Path, out: Path, seed: int, budget: Budget, rate: float, start_from: Path | None, machine: Machine) -> None:
    """Trains, or goes on with, `out/last.pt`; writes `out/log.jsonl` beside it.

    start_from: exported weights that a new run begins with, instead of chance. Raises ValueError when a run goes on with others than
    it began with, or with a seed or number of workers by which other samples would come next.
    """
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    device, contract, model = machine.device, CropContract(), CropNet()
    training, validation = split(load_corpus(data))
    state = {"step": 0, "seconds": 0.0, "rate": rate, "start_from": None, "stages": [], **asdict(machine)}
    if start_from is not None:
        begin_with(model, start_from, training, contract, seed)
        state["start_from"] = sha256(start_from.read_bytes()).hexdigest()
    saved = torch.load(out / "last.pt", weights_only=True, map_location="cpu") if (out / "last.pt").exists() else None
    average = copy.deepcopy(model)
    if saved is not None:
        if saved["state"]["start_from"] != state["start_from"]:
            raise ValueError(f"{out} began with other weights than --start-from names")
        if (began := (saved["seed"], saved["state"]["workers"])) != (seed, machine.workers):
            raise ValueError(f"{out} began with --seed {began[0]} --workers {began[1]}: go on with these, or begin in another folder")
        model.load_state_dict(saved["model"])
        average.load_state_dict(saved["average"])
        state = {**state, **saved["state"], **asdict(machine)}
    minutes = None if budget.minutes == float("inf") else budget.minutes
    stage = {"steps": budget.steps, "minutes": minutes}
    if not state["stages"] or {**state["stages"][-1], **stage} != state["stages"][-1]:
        state["stages"] = [*state["stages"], {"from": state["step"], **stage}]
    walker = Walker(average, contract, device)
    samples = Samples(training, contract, seed, walker)
    batches = Batches(state["step"], budget.steps, machine.workers)
    loader = DataLoader(samples, batch_sampler=batches, num_workers=machine.workers, prefetch_factor=PREFETCHED)
    arriving = iter(loader)  # forks the workers, which may only be done before the device is touched
    torch.backends.cudnn.benchmark = True  # every batch is as large as the others
    model, average = (network.to(device, memory_format=torch.channels_last) for network in (model, average))
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.01)
    if saved is not None:
        optimiser.load_state_dict(saved["optimiser"])
    cases = validation_cases(validation, contract, seed, walker)
    last, losses = time.monotonic(), []

    def save() -> None:
        record = {"model": model.state_dict(), "average": average.state_dict(), "optimiser": optimiser.state_dict()}
        torch.save({**record, "state": state, "seed": seed, "contract": asdict(contract)}, out / "next.pt")
        (out / "next.pt").replace(out / "last.pt")

    def report() -> None:
        scores = validate(average, cases, device)
        means = {"loss": float(np.mean(torch.stack(losses).tolist())), "mean": float(np.mean([*scores.values()]))}
        line = {**state, **{name: round(value, 4) for name, value in means.items()}, **scores}
        with (out / "log.jsonl").open("a") as log:
            log.write(json.dumps(line) + "\n")
        losses.clear()

    for crops, targets in arriving:
        progress = max(state["step"] / budget.steps, state["seconds"] / 60 / budget.minutes)
        if progress >= 1:
            break
        for group in optimiser.param_groups:
            group["lr"] = rate_at(rate, state["step"], progress)
        model.train()
        crops, targets = crops.to(device, memory_format=torch.channels_last), targets.to(device)
        with autocast(device):
            logits, score = model(crops)
        loss = loss_of(logits.float(), score.float(), targets)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        optimiser.step()
        # Early on a long average would only remember the beginning.
        average_into(average, model, min(AVERAGE, (1 + state["step"]) / (10 + state["step"])))
        losses.append(loss.detach())
        now = time.monotonic()
        state = {**state, "step": state["step"] + 1, "seconds": state["seconds"] + now - last}
        last = now
        if state["step"] % 100 == 0:
            print(f"step {state['step']}, {state['seconds']:.0f} s, loss {torch.stack(losses[-100:]).mean():.4f}", flush=True)
        if state["step"] % SAVE_EVERY == 0:
            save()
            walker.follow(average)
        if state["step"] % REPORT_EVERY == 0:
            report()
    save()
    if losses:
        report()
