"""Upstream's own code, run beside ours on the same weights. None of it is part of this repository."""
