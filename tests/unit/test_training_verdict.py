"""What a repetition proves, from what differs; and how it is told what differs."""

import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from conf.machine import ROOT
from training import differences, sources, verdict
from training.differences import Difference
from training.verdict import Verdict

COMMIT = Difference("commit", "a1", "b2")
CODE = [COMMIT, Difference("code training/words.py", "1", "2")]
LOCK = [Difference("environment lock", "3", "4")]
METRIC = [Difference("metric auc", "0.9", "0.8")]

SCORES = pd.DataFrame(
    {
        "repeat": 0,
        "fold": [0, 0, 1, 1],
        "message_id": ["a", "b", "c", "c"],
        "spam": [0.0, 1.0, 0.0, 1.0],
        "probability": [0.1, 0.9, 0.4, 0.4],
        "prediction": [0.0, 1.0, 0.0, 0.0],
    }
)


@pytest.mark.parametrize(
    ("results", "code", "environment", "expected", "findings", "notes"),
    [
        ([], [], [], Verdict.REPRODUCED, [], []),
        ([], CODE, LOCK, Verdict.REPRODUCED, [], [*CODE, *LOCK]),
        (METRIC, CODE, LOCK, Verdict.CODE_DIFFERS, [*CODE, *METRIC], LOCK),
        (METRIC, [], LOCK, Verdict.ENVIRONMENT_DIFFERS, [*LOCK, *METRIC], []),
        (METRIC, [], [], Verdict.METRICS_DIFFER, METRIC, []),
    ],
)
def test_equal_results_are_the_proof_and_others_have_the_first_cause_that_there_is(
    results: list[Difference],
    code: list[Difference],
    environment: list[Difference],
    expected: Verdict,
    findings: list[Difference],
    notes: list[Difference],
) -> None:
    found = verdict.of_results(results, code, environment, {})
    assert (found.verdict, list(found.findings), list(found.notes)) == (expected, findings, notes)


def test_other_code_says_which_commit_to_repeat_with() -> None:
    assert verdict.of_results(METRIC, CODE, [], {}).advice == "Repeat it with the code of the run: commit a1."


def test_scores_in_another_order_are_the_same() -> None:
    assert differences.scores(SCORES, SCORES.iloc[::-1], 0.0) == []


@pytest.mark.parametrize(
    ("off", "within", "differ"), [(1e-12, 0.0, 1), (1e-12, 1e-9, 0), (1e-8, 1e-9, 1), (np.nan, 1e-9, 1)]
)
def test_a_probability_may_be_off_by_as_much_as_is_said(off: float, within: float, differ: int) -> None:
    moved = SCORES.assign(probability=SCORES["probability"] + [0.0, off, 0.0, 0.0])
    found = differences.scores(SCORES, moved, within)
    assert [one.what for one in found] == ["predictions out of fold"] * differ
    assert all(one.now.startswith("1 differ") for one in found)


def test_another_label_is_a_difference_however_near_the_probability() -> None:
    turned = SCORES.assign(prediction=1 - SCORES["prediction"])
    assert differences.scores(SCORES, turned, 1e-9)[0].now.startswith("4 differ")


def test_a_message_in_another_fold_is_another() -> None:
    [found] = differences.scores(SCORES, SCORES.assign(fold=[0, 1, 1, 1]), 0.0)
    assert found == Difference("messages out of fold", "4", "4, 3 of them the same")


def test_scores_that_are_gone_are_no_proof() -> None:
    assert differences.scores(None, SCORES, 0.0) == [Difference("predictions", "missing", "4 out of fold")]


def test_a_metric_is_the_same_in_every_bit_or_within_the_tolerance() -> None:
    now = {"auc": 0.1, "f1": 0.5, "brier": 0.2}
    assert differences.figures(now | {"of another tool": 1.0}, now, 0.0) == []
    assert [one.what for one in differences.figures({"auc": 0.1, "f1": 0.5}, now, 1e-9)] == ["metric brier"]
    assert [one.what for one in differences.figures(now, now | {"f1": 0.5 + 1e-15}, 0.0)] == ["metric f1"]
    assert differences.figures(now, now | {"f1": 0.5 + 1e-15}, 1e-9) == []


def test_each_value_that_differs_or_is_missing_is_named() -> None:
    assert differences.values({"lock": "1", "java": "17"}, {"lock": "2", "python": "3"}, "environment") == [
        Difference("environment java", "17", "missing"),
        Difference("environment lock", "1", "2"),
        Difference("environment python", "missing", "3"),
    ]


def test_the_code_that_computes_is_what_its_modules_import() -> None:
    found = sources.digests()
    assert {"conf/spark-defaults.conf", "training/words.py", "training/signs.py", "training/split.py"} <= set(found)
    assert not {f"training/{name}.py" for name in ("train", "launch", "registry", "reproduce", "pinning")} & set(found)


def test_a_clone_says_its_commit_and_whether_it_differs(tmp_path: Path) -> None:
    assert sources.commit(tmp_path) == "unknown"
    git = ("git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@example.org")
    (tmp_path / "file").write_text("first")
    for words in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "first")):
        subprocess.run([*git, *words], check=True)
    clean = sources.commit(tmp_path)
    assert len(clean) == 40
    (tmp_path / "file").write_text("second")
    assert sources.commit(tmp_path) == f"{clean}-dirty"


def test_an_image_says_the_commit_that_its_build_was_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODE_COMMIT", "c0ffee-dirty")
    assert sources.commit(tmp_path) == "c0ffee-dirty"
    monkeypatch.setenv("CODE_COMMIT", "")
    assert sources.commit(tmp_path) == "unknown"


def test_the_image_of_the_trainer_holds_the_lock_and_the_commit() -> None:
    image = (ROOT / "conf/images/Dockerfile").read_text().partition("FROM java AS spark\n")[2]
    assert "COPY lake.py uv.lock ./" in image
    assert "ENV CODE_COMMIT=${CODE_COMMIT}" in image
