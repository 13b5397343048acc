"""The published models that can be exported: how each is built, fed and named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

from .medsam2.model import MedSam2
from .sam.image_encoder import ImageEncoder
from .sam.model import Sam
from .tinyvit.image_encoder import TinyViT

UNCHECKED = "As known when this was written; not checked against the live page."


@dataclass(frozen=True)
class Published:
    """build: the full size. reduced: the same architecture, small enough for a test. facts: what goes onto the card
    as it is.
    """

    build: Callable[[], nn.Module]
    reduced: Callable[[], nn.Module]
    title: str
    version: str
    facts: dict


def _facts(family: str, licence: str, notice: str, source: dict, feed: dict) -> dict:
    return {"family": family, "licence": licence, "notice": notice, "source": source | {"note": UNCHECKED}, **feed}


REVIEW = "Research software of others. Not for diagnosis without review."

MODELS: dict[str, Published] = {
    "medsam-vit-b": Published(
        build=lambda: Sam(ImageEncoder(), size=1024),
        reduced=lambda: Sam(
            ImageEncoder(size=128, width=32, depth=3, heads=2, window=3, global_blocks=(2,), channels=32),
            size=128,
            grid=8,
            channels=32,
            hidden=64,
        ),
        title="MedSAM (ViT-B)",
        version="1.0.0",
        facts=_facts(
            "embedding",
            "CC-BY-4.0 (Zenodo record), Apache-2.0 (Hugging Face)",
            REVIEW,
            {
                "url": "https://zenodo.org/records/10689643",
                "file": "medsam_vit_b.pth",
                "md5": "3bb6db55bd0c9ca30b61248bca72f8d6",
            },
            {
                "input": {"preprocessing": "medsam"},
                "output": {"postprocessing": "sigmoid-resize", "threshold": 0.5},
            },
        ),
    ),
    "litemedsam": Published(
        build=lambda: Sam(TinyViT(), size=256),
        reduced=lambda: Sam(
            TinyViT(widths=(8, 16, 20, 320), depths=(1, 1, 1, 1), heads=(1, 2, 2, 4)), size=256, hidden=64
        ),
        title="LiteMedSAM",
        version="1.0.0",
        facts=_facts(
            "embedding",
            "Apache-2.0",
            REVIEW,
            {
                "url": "https://huggingface.co/GleghornLab/medsam-vit-b",
                "file": "lite_medsam.pth",
                "sha256": "79d8c9dca6db4d69d3f905579e5250af05e859fff9c1f543e89a513c3028ce76",
            },
            {
                "input": {"preprocessing": "litemedsam"},
                "output": {"postprocessing": "resize-sigmoid", "threshold": 0.5},
            },
        ),
    ),
    "medsam2": Published(
        build=MedSam2,
        reduced=lambda: MedSam2(
            size=128,
            width=16,
            channels=64,
            memory_channels=16,
            hidden=64,
            memory_layers=2,
            stages=(1, 2, 3, 1),
            global_blocks=(4, 5),
        ),
        title="MedSAM2 (SAM 2.1 Hiera-T)",
        version="1.0.0",
        facts=_facts(
            "tracking",
            "CC-BY-SA-4.0; research and education, says its page",
            REVIEW,
            {"url": "https://huggingface.co/wanglab/MedSAM2", "file": "MedSAM2_latest.pt"},
            {
                "input": {"preprocessing": "medsam2"},
                "output": {"postprocessing": "resize-logits", "threshold": 0},
            },
        ),
    ),
}
