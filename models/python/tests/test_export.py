"""Exported graphs answer as the module does, in every variant and for every number of boxes and points."""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import md5, sha256
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from medsam_models.catalogue import MODELS
from medsam_models.graphs.export import VARIANTS, export_model, source_of, write_variant
from medsam_models.graphs.golden import golden_values, hashed
from medsam_models.graphs.graph import graphs_of
from medsam_models.graphs.quantise import quantise
from medsam_models.graphs.write import WriteError, ensure_space, write_whole
from medsam_models.medsam2.tracker import track_box, track_masks
from medsam_models.parity.cases import masks_case, tracking_case
from medsam_models.parity.runners import exported_graphs, pytorch_graphs, tracking_graphs
from medsam_models.random_weights import random_state

CLOSE = 2e-5


def loaded(model_id: str):
    model = MODELS[model_id].reduced()
    model.load_state_dict(random_state(model, seed=1))
    return model.eval()


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory):
    """MedSAM at reduced size: the model, its folder, its card."""
    model, out = loaded("medsam-vit-b"), tmp_path_factory.mktemp("medsam")
    export_model(model, "medsam-vit-b", out)
    return model, out, json.loads((out / "cards" / "medsam-vit-b.json").read_text())


def test_the_card_names_files_that_are_there(exported) -> None:
    _, out, card = exported
    assert set(card["files"]) == {"encoder", "decoder"}
    for variants in card["files"].values():
        assert set(variants) == set(VARIANTS)
        for facts in variants.values():
            content = (out / facts["path"]).read_bytes()
            assert (len(content), sha256(content).hexdigest()) == (facts["bytes"], facts["sha256"])
    assert not list(out.rglob("*.part"))


def test_the_card_says_what_those_say_that_the_server_is_tested_with(exported) -> None:
    """`python -m medsam_models loader-fixtures` wrote those."""
    model, _, card = exported
    fixtures = Path(__file__).parents[3] / "server/src/adapters/onnx/fixtures/models/cards"
    committed = json.loads((fixtures / "medsam-vit-b.json").read_text())
    assert card.keys() == committed.keys()
    for part in ("input", "embedding", "output"):
        assert card[part].keys() == committed[part].keys()
    assert card["input"]["size"] == model.size


def test_every_variant_repeats_its_golden_values(exported) -> None:
    model, out, card = exported
    for graph in graphs_of(model):
        for variant in VARIANTS:
            assert (
                golden_values(out / card["files"][graph.name][variant]["path"], graph.inputs, variant)
                == (card["golden"][variant][graph.name])
            )


def test_golden_values_find_a_changed_weight(exported, tmp_path: Path) -> None:
    model, out, card = exported
    other = onnx.load(out / card["files"]["encoder"]["fp32"]["path"])
    for tensor in other.graph.initializer:
        if len(tensor.dims) == 2:
            weight = onnx.numpy_helper.to_array(tensor)
            tensor.CopyFrom(onnx.numpy_helper.from_array(weight * np.float32(1.5), tensor.name))
            break
    onnx.save(other, tmp_path / "changed.onnx")
    golden = card["golden"]["fp32"]["encoder"]["embedding"]
    found = golden_values(tmp_path / "changed.onnx", graphs_of(model)[0].inputs, "fp32")["embedding"]
    assert np.abs(np.array(found["values"]) - golden["values"]).max() > golden["tolerance"]


@pytest.mark.parametrize("images,boxes,points", [(1, 1, 0), (1, 3, 0), (1, 2, 4), (3, 3, 1)])
def test_one_image_or_many_with_any_number_of_boxes_and_points(exported, images: int, boxes: int, points: int) -> None:
    model, out, card = exported
    ours, theirs = pytorch_graphs(model), exported_graphs(card, out, "fp32")
    pictures = hashed(images, 3, model.size, model.size)
    (embedding,) = theirs["encoder"](pictures)
    np.testing.assert_allclose(embedding, ours["encoder"](pictures)[0], rtol=0, atol=CLOSE)
    inputs = (
        embedding,
        np.sort(hashed(boxes, 4, high=model.size), axis=1),
        hashed(boxes, points, 2, high=model.size),
        np.resize(np.array([1, 0, -1], dtype=np.float32), (boxes, points)),
        hashed(boxes, 1, 32, 32, low=-8, high=8),
        np.resize(np.array([1, 0], dtype=np.float32), boxes),
    )
    for exported_answer, answer in zip(theirs["decoder"](*inputs), ours["decoder"](*inputs)):
        np.testing.assert_allclose(exported_answer, answer, rtol=0, atol=CLOSE)


def test_boxes_on_one_image_are_answered_as_if_alone(exported) -> None:
    model, out, card = exported
    decoder = exported_graphs(card, out, "fp32")["decoder"]
    embedding = hashed(1, 32, 8, 8, low=-1, high=1)
    boxes = np.array([[8, 8, 64, 64], [40, 20, 100, 90]], dtype=np.float32)

    def answer(some: np.ndarray) -> np.ndarray:
        b = len(some)
        empty = np.zeros((b, 0, 2), np.float32), np.zeros((b, 0), np.float32)
        return decoder(embedding, some, *empty, np.zeros((b, 1, 32, 32), np.float32), np.zeros(b, np.float32))[0]

    together = answer(boxes)
    np.testing.assert_allclose(together, np.concatenate([answer(boxes[:1]), answer(boxes[1:])]), rtol=0, atol=CLOSE)
    assert np.abs(together[0] - together[1]).max() > 100 * CLOSE


def test_litemedsam_takes_several_images(tmp_path: Path) -> None:
    model = loaded("litemedsam")
    encoder = graphs_of(model)[0]
    path = tmp_path / "encoder.onnx"
    with torch.no_grad():
        write_variant(encoder, "fp32", path, path)
        images = hashed(2, 3, 256, 256)
        expected = encoder.module(torch.from_numpy(images)).numpy()
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    np.testing.assert_allclose(session.run(None, {"image": images})[0], expected, rtol=0, atol=CLOSE)


def test_medsam2_tracks_by_its_exported_graphs(tmp_path: Path) -> None:
    model = loaded("medsam2")
    card = export_model(model, "medsam2", tmp_path)
    ours, exported = (tracking_graphs(g) for g in (pytorch_graphs(model), exported_graphs(card, tmp_path, "fp32")))
    for track, case in ((track_box, tracking_case(model.size)), (track_masks, masks_case(model.size))):
        # Memories are rounded to 16 bits, and a last bit may fall the other way.
        np.testing.assert_allclose(track(exported, *case), track(ours, *case), rtol=0, atol=2e-3)


def test_int8_replaces_large_products_and_stays_close() -> None:
    rng = np.random.default_rng(1)
    weight, bias = rng.standard_normal((192, 256), dtype=np.float32), rng.standard_normal(256, dtype=np.float32)
    helper = onnx.helper
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["xw"]), helper.make_node("Add", ["xw", "b"], ["y"])],
        "linear",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, ["n", 192])],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, ["n", 256])],
        [onnx.numpy_helper.from_array(weight, "w"), onnx.numpy_helper.from_array(bias, "b")],
    )
    model = quantise(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8))
    assert [node.op_type for node in model.graph.node] == ["DynamicQuantizeMatMul"]
    assert {tensor.data_type for tensor in model.graph.initializer if len(tensor.dims) == 2} == {onnx.TensorProto.INT8}
    x = rng.standard_normal((5, 192), dtype=np.float32)
    y = onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"x": x})[0]
    exact = x @ weight + bias
    assert 0 < np.abs(y - exact).max() < 0.05 * exact.std()


def test_int8_products_do_not_overflow_on_any_processor() -> None:
    """Two neighbouring products of the largest weights and activations that there are, in 16 bits."""
    weight = np.full((192, 256), -1, dtype=np.float32)
    helper = onnx.helper
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"])],
        "linear",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, ["n", 192])],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, ["n", 256])],
        [onnx.numpy_helper.from_array(weight, "w")],
    )
    model = quantise(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8))
    # Where the processor has VNNI the result is right in any case.
    largest = max(np.abs(w.astype(int)).max() for w in map(onnx.numpy_helper.to_array, model.graph.initializer) if w.dtype == np.int8)
    assert 32 < largest and 2 * 255 * largest < 2**15
    x = np.ones((1, 192), dtype=np.float32)
    y = onnxruntime.InferenceSession(model.SerializeToString()).run(None, {"x": x})[0]
    np.testing.assert_allclose(y, x @ weight, rtol=1e-3)


def test_no_part_of_a_file_stays_when_the_disk_is_full(tmp_path: Path) -> None:
    """A limit on the size of files stands in for the disk: the system refuses the write the same way."""
    script = (
        "import resource, signal, sys, pathlib\n"
        "from medsam_models.graphs.write import WriteError, write_whole\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try: write_whole(pathlib.Path(sys.argv[1]), lambda part: part.write_bytes(b'0' * 5000))\n"
        "except WriteError as error: sys.exit(f'refused: {error}')\n"
    )
    target = tmp_path / "graph.onnx"
    ran = subprocess.run(
        [sys.executable, "-c", script, str(target)],
        cwd=Path(__file__).parent.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "refused:" in ran.stderr and "could not be written" in ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_the_file_before(tmp_path: Path) -> None:
    target = tmp_path / "graph.onnx"
    target.write_text("before")

    def fail(part: Path) -> None:
        part.write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(WriteError, match="No space left on device"):
        write_whole(target, fail)
    assert [path.name for path in tmp_path.iterdir()] == ["graph.onnx"] and target.read_text() == "before"


def test_says_beforehand_that_the_disk_is_too_small(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="MB are needed"):
        ensure_space(tmp_path, 10**18)
    (tmp_path / "file").touch()
    with pytest.raises(WriteError, match="could not be made"):
        ensure_space(tmp_path / "file" / "out", 1)


def test_the_card_names_the_published_file_only_where_it_may_be_that(tmp_path: Path) -> None:
    weights = tmp_path / "mine.pth"
    weights.write_bytes(b"weights")
    sha, known = sha256(b"weights").hexdigest(), md5(b"weights", usedforsecurity=False).hexdigest()
    page = {"url": "https://example.org/1", "file": "f.pth", "note": "As known."}
    assert source_of(weights, page | {"md5": known}) == page | {"md5": known, "sha256": sha}
    other = source_of(weights, page | {"md5": "0" * 32})
    assert other.keys() == {"sha256", "note"} and other["sha256"] == sha and "another hash" in other["note"]
    assert "not checked" in source_of(weights, page)["note"]


def test_the_command_says_why_in_one_line(tmp_path: Path) -> None:
    weights = tmp_path / "cut.pth"
    weights.write_bytes(b"PK\x03\x04 not a checkpoint")
    options = ["--model", "litemedsam", "--weights", str(weights), "--out", str(tmp_path)]
    ran = subprocess.run(
        [sys.executable, "-m", "medsam_models", "export", *options],
        cwd=Path(__file__).parent.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 1
    assert "cut.pth" in ran.stderr and "cut short" in ran.stderr and "Traceback" not in ran.stderr
