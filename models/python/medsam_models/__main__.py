"""Command line: `python -m medsam_models train ...`."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from . import published

# Before numpy and torch read them: the worker that makes samples and the training share the same cores.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "passive")


def main() -> None:
    parser = argparse.ArgumentParser(prog="medsam_models")
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="train the crop model, or go on with a run")
    train.add_argument("--data", type=Path, required=True, help="folder with manifest.json")
    train.add_argument("--out", type=Path, required=True, help="folder for the checkpoint and the log")
    train.add_argument("--seed", type=int, default=1)
    train.add_argument("--steps", type=int, default=12000, help="batches of 32 at most")
    train.add_argument("--minutes", type=float, default=float("inf"), help="minutes of training at most; default: no limit")
    train.add_argument("--rate", type=float, default=1e-3, help="the learning rate before it falls")
    train.add_argument("--start-from", type=Path, help="exported weights (ONNX) that a new run begins with")
    train.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    train.add_argument("--workers", type=int, default=1, help="processes that make samples")
    export = commands.add_parser("export", help="write the ONNX files and the card")
    export.add_argument("--model", default="embedded-box", help="embedded-box, medsam-vit-b, litemedsam or medsam2")
    export.add_argument("--weights", "--checkpoint", dest="checkpoint", type=Path, required=True)
    export.add_argument("--data", type=Path, help="embedded-box: training data, whose manifest names the licences")
    export.add_argument("--out", type=Path, required=True, help="the folder that holds weights/ and cards/")
    export.add_argument("--report", type=Path, help="report of `npm run evaluate` on these weights, for the card")
    quantise = commands.add_parser("quantise", help="write the int8 variant of the crop model, and what the card says of it")
    quantise.add_argument("--data", type=Path, required=True, help="training data, some of which sets the scales")
    quantise.add_argument("--out", type=Path, required=True, help="the folder that holds weights/ and cards/")
    quantise.add_argument("--report", type=Path, help="report of `npm run evaluate` on these weights, for the card")
    fixture = commands.add_parser("fixture", help="write what the server's crop is tested against")
    fixture.add_argument("--out", type=Path, required=True)
    loader = commands.add_parser("loader-fixtures", help="write small models and answers for the server's tests of MedSAM")
    loader.add_argument("--out", type=Path, required=True)
    published.add_commands(commands)
    options = parser.parse_args()
    if options.command == "train":
        from .train import Budget, Machine
        from .train import train as run

        budget, machine = Budget(options.steps, options.minutes), Machine(options.device, options.workers)
        run(options.data, options.out, options.seed, budget, options.rate, options.start_from, machine)
    elif options.command == "export" and options.model == "embedded-box":
        from .export import export as run

        if options.data is None:
            parser.error("embedded-box needs --data")
        run(options.checkpoint, options.out, options.data, options.report)
    elif options.command == "quantise":
        from .export import quantise as run

        run(options.out, options.data, options.report)
    elif options.command == "fixture":
        from .fixture import write_fixture

        write_fixture(options.out)
    elif options.command == "loader-fixtures":
        from .loader_fixtures import write_loader_fixtures

        write_loader_fixtures(options.out)
    else:
        published.run(options)


if __name__ == "__main__":
    main()
