"""A training of the embedded model as a whole, on two pictures: it starts, goes on where it was, and knows what it began with."""

import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from medsam_models import train as training
from medsam_models import validate
from medsam_models.solid_pictures import RUN
from medsam_models.train import BATCH, Batches, Budget, Machine, train
from PIL import Image

WEIGHTS = Path(__file__).parents[2] / "weights" / "embedded-box.onnx"
MACHINE = Machine("cpu", 2)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A disc each of two patients."""
    folder, items = tmp_path / "data", []
    folder.mkdir()
    rows, columns = np.mgrid[0:120, 0:140]
    disc = np.hypot(columns - 70, rows - 60) < 30
    for name in ("one", "two"):
        Image.fromarray(np.where(disc, 170, 60).astype(np.uint8)).save(folder / f"{name}.png")
        Image.fromarray(disc.astype(np.uint8)).save(folder / f"{name}_mask.png")
        objects = [{"id": 1, "area": int(disc.sum())}]
        items.append({"set": "hc18", "group": name, "image": f"{name}.png", "mask": f"{name}_mask.png", "objects": objects})
    (folder / "manifest.json").write_text(json.dumps({"items": items, "sets": []}))
    return folder


def test_goes_on_where_it_was_and_with_what_it_began(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, less in ((validate, "CASES_PER_SET", 1), (training, "BATCH", 2), (training, "WARM_START_SAMPLES", 4)):
        monkeypatch.setattr(module, name, less)
    out = tmp_path / "run"
    for steps in (1, 2):
        train(data, out, 5, Budget(steps, float("inf")), 1e-4, WEIGHTS, MACHINE)
        saved = torch.load(out / "last.pt", weights_only=True)
        assert saved["state"]["step"] == steps
    losses = [json.loads(line)["loss"] for line in (out / "log.jsonl").read_text().splitlines()]
    assert len(losses) == 2 and all(0 < loss < 2 for loss in losses)
    # Reported at its last step already, it is kept all the same.
    monkeypatch.setattr(training, "REPORT_EVERY", 3)
    for _ in range(2):
        train(data, out, 5, Budget(3, float("inf")), 1e-4, WEIGHTS, MACHINE)
        state = torch.load(out / "last.pt", weights_only=True)["state"]
        assert state["step"] == 3
    # What the learning rate fell by: each budget once, however often it was gone on with.
    assert state["stages"] == [{"from": n, "steps": n + 1, "minutes": None} for n in range(3)]
    with pytest.raises(ValueError, match="began with other weights"):
        train(data, out, 5, Budget(3, float("inf")), 1e-4, None, MACHINE)
    for seed, machine in ((6, MACHINE), (5, replace(MACHINE, workers=MACHINE.workers + 1))):
        with pytest.raises(ValueError, match="began with --seed 5"):
            train(data, out, seed, Budget(3, float("inf")), 1e-4, WEIGHTS, machine)


def test_every_sample_comes_once_and_workers_share_no_painted_volume() -> None:
    workers, in_run = 3, RUN // BATCH
    numbers = list(Batches(0, 2 * workers * in_run, workers))
    assert sorted(n for batch in numbers for n in batch.numbers) == list(range(2 * workers * RUN))
    painted = [{n // RUN for batch in numbers[worker::workers] for n in batch.numbers} for worker in range(workers)]
    assert all(len(runs) == 2 for runs in painted) and len(set.union(*painted)) == 2 * workers
    assert list(Batches(7, 9, workers)) == numbers[7:9]


@pytest.mark.parametrize("first", [0, 7, 500, 762])
@pytest.mark.parametrize("workers", [1, 16, 62])
def test_every_batch_asks_for_weights_that_are_kept_whenever_it_is_made(first: int, workers: int) -> None:
    def saved_before(step: int) -> int:
        return max(0, step // training.SAVE_EVERY - first // training.SAVE_EVERY)

    for step, batch in enumerate(Batches(first, first + 1200, workers), first):
        for now in (max(first, step - training.PREFETCHED * workers), step):
            assert saved_before(now) - batch.generation in (0, 1)
    with pytest.raises(ValueError, match="--workers: at most 62"):
        Batches(first, first + 1, 63)


def test_a_run_takes_the_same_course_however_fast_its_workers_are(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lesser = ((training, "BATCH", 2), (training, "WARM_START_SAMPLES", 4), (training, "SAVE_EVERY", 8))
    for module, name, less in (*lesser, (training, "REPORT_EVERY", 10**6), (validate, "CASES_PER_SET", 1)):
        monkeypatch.setattr(module, name, less)

    def slower(owner: object, name: str, out: Path) -> dict[str, torch.Tensor]:
        stock = getattr(owner, name)
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, lambda *args: (time.sleep(0.3), stock(*args))[1])
            train(data, out, 5, Budget(20, float("inf")), 1e-2, WEIGHTS, Machine("cpu", 1))
        return torch.load(out / "last.pt", weights_only=True)["model"]

    # Workers are behind, and as far ahead as they may be.
    behind = slower(training.Samples, "__getitems__", tmp_path / "behind")
    ahead = slower(training, "average_into", tmp_path / "ahead")
    assert all(torch.equal(behind[name], ahead[name]) for name in behind)
