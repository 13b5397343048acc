"""Dice and normalised surface Dice of random masks by scipy's distance transform, which shares no code with ours.

usage: write_metrics.py image  > protocol/src/mask/fixtures/metrics.json
       write_metrics.py volume > server/src/evaluate/volume/fixtures/metrics.json
needs: numpy, scipy, surface-distance

A mask is runs over the flat index, columns fastest: start, length, start, length ... "challenge" is the measure of the MedSAM
challenge at the same tolerance (surface-distance of Nikolov et al., which weighs pieces of outline by their length).
"""
import json
import sys

import numpy as np
import surface_distance
from scipy import ndimage

RNG = np.random.default_rng(20240607)


def noise(shape):
    return RNG.random(shape) < RNG.uniform(0.05, 0.95)


def blob(shape):
    field = ndimage.gaussian_filter(RNG.standard_normal(shape), RNG.uniform(1.5, 4))
    return field > np.quantile(field, RNG.uniform(0.6, 0.95))


def changed(mask):
    """A mask as a model might answer: shifted, grown or eaten, with a bit of noise at its border."""
    moved = np.roll(mask, RNG.integers(-3, 4, mask.ndim), range(mask.ndim))
    distance = ndimage.distance_transform_edt(moved) - ndimage.distance_transform_edt(~moved)
    return distance + ndimage.gaussian_filter(RNG.standard_normal(mask.shape), 2) * 8 > RNG.uniform(-2, 2)


def outline(mask):
    """Voxels with a face neighbour outside of the mask or of the array."""
    return mask & ~ndimage.binary_erosion(mask, ndimage.generate_binary_structure(mask.ndim, 1), border_value=0)


def dice(a, b):
    total = a.sum() + b.sum()
    return 1.0 if total == 0 else float(2 * (a & b).sum() / total)


def nsd(a, b, tolerance, spacing):
    a, b = outline(a), outline(b)
    if not a.any() and not b.any():
        return 1.0
    if not a.any() or not b.any():
        return 0.0
    to_a, to_b = (ndimage.distance_transform_edt(~edge, sampling=spacing) for edge in (a, b))
    near = (to_b[a] <= tolerance).sum() + (to_a[b] <= tolerance).sum()
    return float(near / (a.sum() + b.sum()))


def challenge(a, b, tolerance, spacing):
    if not a.any() or not b.any():
        return None
    distances = surface_distance.compute_surface_distances(a, b, spacing)
    return float(surface_distance.compute_surface_dice_at_tolerance(distances, tolerance))


def runs(mask):
    steps = np.diff(np.concatenate([[0], mask.ravel().astype(np.int8), [0]]))
    starts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    return [int(n) for pair in zip(starts, ends - starts) for n in pair]


def case(kind, a, b, tolerances, spacing):
    """Arrays are [rows, columns] or [slices, rows, columns]; size and spacing are written columns first."""
    return {
        "kind": kind,
        "size": list(a.shape[::-1]),
        "spacing": list(spacing[::-1]),
        "a": runs(a),
        "b": runs(b),
        "dice": dice(a, b),
        "nsd": [{"tolerance": t, "value": nsd(a, b, t, spacing), "challenge": challenge(a, b, t, spacing)} for t in tolerances],
    }


def images():
    for _ in range(6):
        shape = tuple(RNG.integers(5, 14, 2))
        yield case("noise", noise(shape), noise(shape), (0, 1, 2, 3.5), (1, 1))
    for _ in range(12):
        mask = blob(tuple(RNG.integers(30, 48, 2)))
        yield case("object", mask, changed(mask), (0, 1, 2, 3.5), (1, 1))
    mask = blob((20, 25))
    yield case("empty", mask, np.zeros_like(mask), (2,), (1, 1))
    yield case("empty", np.zeros_like(mask), np.zeros_like(mask), (2,), (1, 1))


def volumes():
    for _ in range(3):
        shape = tuple(RNG.integers(3, 7, 3))
        yield case("noise", noise(shape), noise(shape), (0, 1, 2, 3.5), (2.5, 0.75, 1.25))
    for spacing in ((1, 1, 1), (3, 3, 3), (5, 0.75, 0.75), (1.5, 1, 0.5)):
        mask = blob((9, 18, 22))
        yield case("object", mask, changed(mask), (1, 2, 3.2), spacing)
    mask = blob((4, 6, 7))
    yield case("empty", mask, np.zeros_like(mask), (2,), (1, 1, 1))


print("[\n" + ",\n".join(json.dumps(each) for each in {"image": images, "volume": volumes}[sys.argv[1]]()) + "\n]")
