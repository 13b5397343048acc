"""All of SAM 2.1 by the names of the published checkpoint, cut into the five graphs that the server runs."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..sam.layers import Perceptron
from ..sam.prompt_encoder import BOTTOM_RIGHT, PADDING, TOP_LEFT, PromptEncoder
from .hiera import Hiera
from .mask_decoder import MaskDecoder, Masks, best_of_three, single_or_best
from .memory_attention import MemoryAttention
from .memory_encoder import MemoryEncoder
from .positions import grid_positions, time_positions
from .pyramid import ImageEncoder

# Slices remembered: the prompted one and six others.
MEMORIES = 7
# Logit of every pixel on a slice where the object is not.
ABSENT = -1024.0
# Logit of every pixel of a mask that is given; less this outside of it.
CERTAIN = 10.0


class MedSam2(nn.Module):
    """size: side of the input in pixels; its grid g is size / 16."""

    def __init__(
        self,
        size: int = 512,
        width: int = 96,
        channels: int = 256,
        memory_channels: int = 64,
        hidden: int = 2048,
        memory_layers: int = 4,
        stages: tuple[int, ...] = (1, 2, 7, 2),
        global_blocks: tuple[int, ...] = (5, 7, 9),
    ):
        super().__init__()
        grid = size // 16
        self.size, self.grid, self.channels, self.memory_channels = size, grid, channels, memory_channels
        self.image_encoder = ImageEncoder(Hiera(size, width, stages, global_blocks=global_blocks), channels)
        self.memory_attention = MemoryAttention(channels, grid, memory_channels, hidden, memory_layers)
        self.memory_encoder = MemoryEncoder(channels, memory_channels)
        self.sam_prompt_encoder = PromptEncoder(channels, size, grid)
        self.sam_mask_decoder = MaskDecoder(channels)
        self.obj_ptr_proj = Perceptron(channels, channels, channels, channels)
        self.obj_ptr_tpos_proj = nn.Linear(channels, memory_channels)
        self.maskmem_tpos_enc = nn.Parameter(torch.zeros(MEMORIES, 1, 1, memory_channels))
        self.no_mem_embed = nn.Parameter(torch.zeros(1, 1, channels))
        self.no_obj_ptr = nn.Parameter(torch.zeros(1, channels))
        self.no_obj_embed_spatial = nn.Parameter(torch.zeros(1, memory_channels))
        self.mask_downsample = nn.Conv2d(1, 1, 4, stride=4)
        self.register_buffer("quarter", quarter(size), persistent=False)
        # In the checkpoint, and without work here: memory attention without memories.
        self.no_mem_pos_enc = nn.Parameter(torch.zeros(1, 1, channels))
        self.register_buffer("memory_places", grid_positions(memory_channels, grid), persistent=False)

    def encode(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """image: [b, 3, S, S], ImageNet mean and deviation removed.

        Returns feat [b, channels, g, g], high1 [b, channels / 4, 2 g, 2 g], high0 [b, channels / 8, 4 g, 4 g].
        """
        fine, middle, coarse = self.image_encoder(image)
        return coarse, self.sam_mask_decoder.conv_s1(middle), self.sam_mask_decoder.conv_s0(fine)

    def start(self, feat: Tensor, high1: Tensor, high0: Tensor, box: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """box: [1, 4] x0, y0, x1, y1 in input pixels. Returns as `_answer`."""
        labels = torch.tensor([[TOP_LEFT, BOTTOM_RIGHT, PADDING]])
        corners = torch.cat([box.reshape(1, 2, 2), torch.zeros(1, 1, 2)], dim=1)
        tokens = self.sam_prompt_encoder.points(corners, labels)
        masks = self._masks(feat + self.no_mem_embed.reshape(1, -1, 1, 1), high1, high0, tokens)
        return self._answer(masks, *single_or_best(masks))

    def adopt(self, feat: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """mask: [1, 1, S, S], 1 in the object and 0 outside, taken as the answer of this slice. Returns as `_answer`."""
        # The finer features make masks, and of the decoder only what the object is like is asked.
        high1 = torch.zeros(1, self.channels // 4, 2 * self.grid, 2 * self.grid)
        high0 = torch.zeros(1, self.channels // 8, 4 * self.grid, 4 * self.grid)
        dense = self.sam_prompt_encoder.mask_downscaling(self.mask_downsample(mask))
        masks = self._masks(feat, high1, high0, self._no_points(), dense)
        _, ptr, _ = self._answer(masks, *single_or_best(masks))
        obj = CERTAIN * (2 * mask.flatten(1).amax(dim=1, keepdim=True) - 1)
        low = self.quarter @ (CERTAIN * (2 * mask - 1)) @ self.quarter.T
        return low, torch.where(obj > 0, ptr, self.no_obj_ptr), obj

    def track(
        self, feat: Tensor, high1: Tensor, high0: Tensor, mem: Tensor, mem_t: Tensor, ptrs: Tensor, ptr_dt: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """mem: [n, memory channels, g, g]; mem_t: [n], 0 for a prompted slice, 7 - k for the one k slices before.
        ptrs: [p, channels]; ptr_dt: [p], how many slices before, over one less than the number of slices or 16,
        whichever is less.
        Returns as `_answer`.
        """
        when = self.maskmem_tpos_enc.flatten(1)[MEMORIES - 1 - mem_t.to(torch.int64)]
        memory = mem.flatten(2).transpose(1, 2).reshape(1, -1, self.memory_channels)
        places = (self.memory_places + when[:, None, :]).reshape(1, -1, self.memory_channels)
        # A pointer is as wide as several memory channels, and becomes that many tokens.
        parts = self.channels // self.memory_channels
        pointer_tokens = ptrs.reshape(1, -1, self.memory_channels)
        pointer_times = self.obj_ptr_tpos_proj(time_positions(ptr_dt, self.channels))
        pointer_times = pointer_times[:, None, :].expand(-1, parts, -1).reshape(1, -1, self.memory_channels)
        conditioned = self.memory_attention(
            feat,
            torch.cat([memory, pointer_tokens], dim=1),
            torch.cat([places, pointer_times], dim=1),
            pointer_tokens.shape[1],
        )
        masks = self._masks(conditioned, high1, high0, self._no_points())
        return self._answer(masks, *best_of_three(masks))

    def remember(self, feat: Tensor, low: Tensor, obj: Tensor, is_prompt: Tensor) -> Tensor:
        """feat: [1, channels, g, g]; low: [1, 1, 4 g, 4 g]; obj: [1, 1]; is_prompt: [1]. Returns [1, memory channels,
        g, g].
        """
        logits = F.interpolate(low, size=(self.size, self.size), mode="bilinear", align_corners=False)
        absent = (obj <= 0).to(feat.dtype)[..., None, None]
        memory = self.memory_encoder(feat, logits, is_prompt) + absent * self.no_obj_embed_spatial[..., None, None]
        # Upstream keeps memories in 16 bits; without that, later slices differ in the third digit.
        return memory.to(torch.bfloat16).to(torch.float32)

    def _no_points(self) -> Tensor:
        """Nothing was prompted: an empty point, and the end of the list."""
        return self.sam_prompt_encoder.points(torch.zeros(1, 2, 2), torch.full((1, 2), PADDING))

    def _masks(
        self, image: Tensor, high1: Tensor, high0: Tensor, tokens: Tensor, dense: Tensor | None = None
    ) -> Masks:
        """dense: [1, channels, g, g], what a mask prompt says of each place; None without one."""
        prompts = self.sam_prompt_encoder
        image = image + (prompts.no_mask() if dense is None else dense)
        return self.sam_mask_decoder(image, prompts.image_positions(), tokens, high1, high0)

    def _answer(self, masks: Masks, logits: Tensor, token: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Returns low [1, 1, 4 g, 4 g] logits, ptr [1, channels] (what the object is like) and obj [1, 1] (logit of
        its being there).
        """
        present = masks.present > 0
        low = torch.where(present[:, :, None, None], logits, torch.full((1,), ABSENT))
        ptr = torch.where(present, self.obj_ptr_proj(token), self.no_obj_ptr)
        return low, ptr, masks.present


def quarter(size: int) -> Tensor:
    """[size / 4, size]: times a column of pixels it is that column at a quarter of its size, bilinear and antialiased.
    (ONNX cannot shrink so before opset 18.)
    """
    every = torch.eye(size)[None, None]
    return F.interpolate(every, size=(size // 4, size), mode="bilinear", align_corners=False, antialias=True)[0, 0]
