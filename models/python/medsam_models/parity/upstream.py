"""Builds the models of upstream's checkouts, in full and reduced size.

The checkouts lie in one folder, as `MedSAM`, `LiteMedSAM` and `MedSAM2` (PARITY.md names repositories and commits).
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
import yaml
from torch import nn

CHECKOUTS = {"medsam-vit-b": "MedSAM", "litemedsam": "LiteMedSAM", "medsam2": "MedSAM2"}

# What upstream's sources import and inference does not need; and the packages whose own __init__ would pull in more
# than that.
ABSENT = (
    "timm", "timm.models", "timm.models.layers", "timm.models.registry",
    "torchvision", "torchvision.transforms", "torchvision.transforms.functional",
    "torchvision.ops", "torchvision.ops.boxes",
    "iopath", "iopath.common", "iopath.common.file_io",
)  # fmt: skip


class Absent(ModuleType):
    """Has every name; only what TinyViT calls while it is built does anything."""

    __path__: list[str] = []
    trunc_normal_ = staticmethod(nn.init.trunc_normal_)
    DropPath = nn.Identity

    @staticmethod
    def to_2tuple(x: Any) -> tuple[Any, Any]:
        return x, x

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return None


HOLLOW = ("sam2", "efficient_track_anything")


@contextmanager
def checkout(root: Path, model: str) -> Iterator[Path]:
    """Imports within come from the checkout of `model`, and are forgotten afterwards: two checkouts have packages of
    one name.
    """
    folder = root / CHECKOUTS[model]
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is missing; PARITY.md says which commit belongs there.")
    before = set(sys.modules)
    for name in ABSENT:
        sys.modules.setdefault(name, Absent(name))
    for name in HOLLOW:
        if (folder / name).is_dir():
            module = ModuleType(name)
            module.__path__ = [str(folder / name)]
            sys.modules[name] = module
    sys.path.insert(0, str(folder))
    try:
        yield folder
    finally:
        sys.path.remove(str(folder))
        own = (*HOLLOW, "segment_anything", "tiny_vit_sam", *ABSENT)
        for name in set(sys.modules) - before:
            if name.split(".")[0] in own:
                del sys.modules[name]


def build(root: Path, model: str, reduced: bool) -> nn.Module:
    """Without weights; in the sizes of `catalogue.py`."""
    with checkout(root, model) as folder:
        if model == "medsam2":
            return _video_predictor(folder, reduced).eval()
        sam = importlib.import_module("segment_anything.modeling")
        side, channels, hidden = 64, 256, 2048
        if model == "litemedsam":
            size = 256
            widths, depths, heads = ([64, 128, 160, 320], [2, 2, 6, 2], [2, 4, 5, 10])
            if reduced:
                widths, depths, heads, hidden = [8, 16, 20, 320], [1, 1, 1, 1], [1, 2, 2, 4], 64
            encoder = importlib.import_module("tiny_vit_sam").TinyViT(
                img_size=256, embed_dims=widths, depths=depths, num_heads=heads, window_sizes=[7, 7, 14, 7],
                drop_path_rate=0.0,
            )  # fmt: skip
        else:
            size, width, depth, heads, window, whole = 1024, 768, 12, 12, 14, (2, 5, 8, 11)
            if reduced:
                size, width, depth, heads, window, whole, side, channels, hidden = 128, 32, 3, 2, 3, (2,), 8, 32, 64
            encoder = sam.ImageEncoderViT(
                img_size=size, embed_dim=width, depth=depth, num_heads=heads, window_size=window,
                global_attn_indexes=whole, out_chans=channels, use_rel_pos=True,
                norm_layer=partial(nn.LayerNorm, eps=1e-6),
            )  # fmt: skip
        return _Sam(
            encoder,
            sam.PromptEncoder(
                embed_dim=channels, image_embedding_size=(side, side), input_image_size=(size, size), mask_in_chans=16
            ),
            sam.MaskDecoder(
                transformer_dim=channels,
                transformer=sam.TwoWayTransformer(depth=2, embedding_dim=channels, num_heads=8, mlp_dim=hidden),
            ),
        ).eval()


class _Sam(nn.Module):
    """Upstream's three parts by the names of its checkpoints, called as its inference scripts call them."""

    def __init__(self, image_encoder: nn.Module, prompt_encoder: nn.Module, mask_decoder: nn.Module):
        super().__init__()
        self.image_encoder = image_encoder
        self.prompt_encoder = prompt_encoder
        self.mask_decoder = mask_decoder

    def decode(self, embedding, box, points, labels, mask):
        """One prompt on one image; points [1, p, 2] (or None) with labels [1, p], mask [1, 1, h, w] (or None)."""
        sparse, dense = self.prompt_encoder(
            points=None if points is None else (points, labels), boxes=box[:, None, :], masks=mask
        )
        return self.mask_decoder(
            image_embeddings=embedding,
            image_pe=self.prompt_encoder.get_dense_pe(),
            sparse_prompt_embeddings=sparse,
            dense_prompt_embeddings=dense,
            multimask_output=False,
        )


def load(model: nn.Module, state: dict[str, torch.Tensor]) -> nn.Module:
    """Strictly: upstream's modules take the same names. TinyViT works out its biases when it is switched to
    inference.
    """
    model.load_state_dict(state)
    return model.train().eval()


# What upstream's `build_sam2_video_predictor_npz` adds to its configuration file.
PREDICTOR = {
    "sam_mask_decoder_extra_args": {
        "dynamic_multimask_via_stability": True,
        "dynamic_multimask_stability_delta": 0.05,
        "dynamic_multimask_stability_thresh": 0.98,
    },
    "binarize_mask_from_pts_for_mem_enc": True,
}


def _video_predictor(folder: Path, reduced: bool) -> nn.Module:
    """Upstream's own configuration file, and its own class that walks through a volume."""
    config = yaml.safe_load((folder / "sam2/configs/sam2.1_hiera_t512.yaml").read_text())["model"]
    # PyYAML takes 1e-6 for a word.
    fuser = config["memory_encoder"]["fuser"]["layer"]
    fuser["layer_scale_init_value"] = float(fuser["layer_scale_init_value"])
    if reduced:
        _reduce(config)
    config["_target_"] = "sam2.sam2_video_predictor_npz.SAM2VideoPredictorNPZ"
    return _instantiate(config | PREDICTOR)


def _reduce(config: dict[str, Any]) -> None:
    config["image_size"] = 128
    config["image_encoder"]["trunk"] |= {"embed_dim": 16, "stages": [1, 2, 3, 1], "global_att_blocks": [4, 5]}
    config["image_encoder"]["neck"] |= {"d_model": 64, "backbone_channel_list": [128, 64, 32, 16]}
    config["image_encoder"]["neck"]["position_encoding"]["num_pos_feats"] = 64
    attention = config["memory_attention"]
    attention |= {"d_model": 64, "num_layers": 2}
    attention["layer"] |= {"d_model": 64, "dim_feedforward": 64}
    for which in ("self_attention", "cross_attention"):
        attention["layer"][which] |= {"embedding_dim": 64, "feat_sizes": [8, 8]}
    attention["layer"]["cross_attention"]["kv_in_dim"] = 16
    memory = config["memory_encoder"]
    memory |= {"out_dim": 16, "in_dim": 64}
    memory["position_encoding"]["num_pos_feats"] = 16
    memory["mask_downsampler"]["embed_dim"] = 64
    memory["fuser"]["layer"]["dim"] = 64


def _instantiate(config: Any) -> Any:
    """Hydra's rule: a mapping with `_target_` is a call."""
    if isinstance(config, list):
        return [_instantiate(value) for value in config]
    if not isinstance(config, dict):
        return config
    values = {key: _instantiate(value) for key, value in config.items() if key != "_target_"}
    if "_target_" not in config:
        return values
    module, name = config["_target_"].rsplit(".", 1)
    return getattr(importlib.import_module(module), name)(**values)
