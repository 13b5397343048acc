"""Makes the package importable from where pytest is started, and keeps the machine's other cores free."""

from __future__ import annotations

import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parent.parent))
torch.set_num_threads(2)
