"""The commands for the published models: export, weights to try it with, and the comparison with upstream's own code."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

IDS = ("medsam-vit-b", "litemedsam", "medsam2")


def add_commands(commands: argparse._SubParsersAction) -> None:
    weights = commands.add_parser(
        "random-weights", help="write a checkpoint that nobody trained, for tests and benches"
    )
    weights.add_argument("--model", choices=IDS, required=True)
    weights.add_argument("--seed", type=int, default=1)
    weights.add_argument("--out", type=Path, required=True, help="the .pth file")
    parity = commands.add_parser("parity", help="run upstream's own code beside ours on the same random weights")
    parity.add_argument("--upstream", type=Path, required=True, help="folder with MedSAM, LiteMedSAM and MedSAM2")
    parity.add_argument("--model", choices=IDS, action="append", help="default: all")
    parity.add_argument("--reduced", action="store_true", help="the small sizes of the tests")
    parity.add_argument("--seed", type=int, default=1)
    parity.add_argument("--work", type=Path, required=True, help="folder for the exported files and report.json")
    bench = commands.add_parser("bench", help="time and memory of each exported graph beside PyTorch, random weights")
    bench.add_argument("--model", choices=IDS, action="append", help="default: all")
    bench.add_argument("--upstream", type=Path, help="folder with upstream's checkouts; without it, our own PyTorch code")
    bench.add_argument("--threads", type=int, default=2)
    bench.add_argument("--seed", type=int, default=1)
    bench.add_argument("--work", type=Path, required=True, help="folder for weights, exported files and bench.json")
    peer = commands.add_parser("peer", help="time and memory of upstream's LiteMedSAM script on a volume, as JSON")
    peer.add_argument("--upstream", type=Path, required=True)
    peer.add_argument("--weights", type=Path, required=True)
    peer.add_argument("--volume", type=Path, required=True, help="uint8 [d, rows, columns], without a header")
    peer.add_argument("--size", type=int, nargs=3, required=True, metavar=("D", "ROWS", "COLUMNS"))
    peer.add_argument("--box", type=int, nargs=4, required=True, metavar=("X0", "Y0", "X1", "Y1"))
    peer.add_argument("--threads", type=int, default=2)
    answers = commands.add_parser("upstream-answers", help="write what the tests compare with, by upstream's own code")
    answers.add_argument("--upstream", type=Path, required=True)
    answers.add_argument("--out", type=Path, required=True, help="folder for one JSON file per model")


def run(options: argparse.Namespace) -> None:
    # Upstream's scripts run in folders of their own, from where a relative path would lead elsewhere.
    for name in ("upstream", "weights", "work"):
        if getattr(options, name, None) is not None:
            setattr(options, name, getattr(options, name).resolve())
    # Imported late: each of these loads more than the others need.
    if options.command == "export":
        from .checkpoint import CheckpointError
        from .graphs.export import export_published
        from .graphs.write import WriteError

        if options.model not in IDS:
            sys.exit(f"--model {options.model} is not known: embedded-box, {', '.join(IDS)}")
        try:
            export_published(options.model, options.checkpoint, options.out)
        except (CheckpointError, WriteError) as error:
            sys.exit(str(error))
    elif options.command == "random-weights":
        from .catalogue import MODELS
        from .random_weights import write_random_weights

        write_random_weights(MODELS[options.model].build(), options.seed, options.out)
    elif options.command == "parity":
        from .parity.report import write_report

        write_report(options.upstream, options.model or IDS, options.reduced, options.seed, options.work)
    elif options.command == "bench":
        from .bench.report import write_report

        write_report(options.model or IDS, options.work, options.upstream, options.threads, options.seed)
    elif options.command == "peer":
        from .bench.peer import print_peer

        print_peer(options.upstream, options.weights, options.volume, options.size, options.box, options.threads)
    else:
        from .parity.answers import write_answers

        write_answers(options.upstream, options.out)
