"""The generated corpus: repeatable, sized and labelled like the real one, neither trivial nor hopeless to classify."""

import subprocess
import sys
from collections import Counter
from hashlib import sha256

import pytest
from sklearn.feature_extraction.text import (  # type: ignore[import-untyped]  # ships no types
    ENGLISH_STOP_WORDS,
    CountVectorizer,
)
from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]  # ships no types
from sklearn.naive_bayes import MultinomialNB  # type: ignore[import-untyped]  # ships no types

from source_api.corpus import messages as corpus
from source_api.pages import ruled

SEED = 2011
SHA256 = "b4bdcb6f83d2663614d385311a1427e0fd26c6279996aafc3d0bbfa959cd7038"
Message = tuple[str, str]


@pytest.fixture(scope="module")
def messages() -> list[Message]:
    return corpus.messages(SEED)


@pytest.fixture(scope="module")
def export() -> bytes:
    return corpus.export(SEED)


def test_the_file_of_a_seed_never_changes(export: bytes) -> None:
    assert sha256(export).hexdigest() == SHA256


def test_another_process_with_other_string_hashes_writes_the_same_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", "1")
    program = f"import hashlib, source_api.corpus.messages as c; print(hashlib.sha256(c.export({SEED})).hexdigest())"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == SHA256


def test_another_seed_gives_other_messages(messages: list[Message]) -> None:
    assert corpus.messages(SEED + 1) != messages


@pytest.mark.parametrize("seed", [0, 1, 7, 42, 1971])
def test_every_seed_fits_the_exports_five_columns(seed: int) -> None:
    assert corpus.export(seed).startswith(b"v1,v2,,,\r\n")


def test_size_and_shares_are_those_of_the_real_corpus(messages: list[Message]) -> None:
    labels = Counter(label for label, _ in messages)
    copies = len(messages) - len(set(messages))
    assert len(messages) == 5400
    assert 0.12 < labels["spam"] / len(messages) < 0.14
    assert 0.04 < copies / len(messages) < 0.06


def test_two_records_swallowed_the_next_ones_start(messages: list[Message], export: bytes) -> None:
    assert ruled(export).records == len(messages) - 2
    assert export.count(b'\rham"') + export.count(b'\rspam"') == 2


@pytest.mark.parametrize(
    ("what", "at_least"),
    [
        ("£", 250),
        ("ü", 60),
        ("é", 30),
        ("’", 20),
        ("…", 40),
        ("–", 15),
        ("&lt;#&gt;", 80),
        ('"', 80),
        ("\n", 5),
    ],  # meant
)
def test_what_the_damage_feeds_on_is_there(messages: list[Message], what: str, at_least: int) -> None:
    assert sum(what in text for _, text in messages) >= at_least


@pytest.mark.parametrize("stop_words", [None, sorted(ENGLISH_STOP_WORDS)], ids=["all words", "without stop words"])
def test_naive_bayes_finds_it_about_as_hard_as_the_real_corpus(
    messages: list[Message], stop_words: list[str] | None
) -> None:
    test = [message for message in messages if is_test(message)]
    training = [message for message in messages if not is_test(message)]
    vectorizer = CountVectorizer(token_pattern=r"\S+", stop_words=stop_words)  # noqa: S106  # tokens of text
    model = MultinomialNB().fit(vectorizer.fit_transform(texts(training)), spam(training))
    score = model.predict_proba(vectorizer.transform(texts(test)))[:, 1]
    assert 0.975 <= roc_auc_score(spam(test), score) <= 0.995


def is_test(message: Message) -> bool:
    """One in five, by text: copies of a message are on one side."""
    return sha256(message[1].encode()).digest()[0] % 5 == 0


def texts(messages: list[Message]) -> list[str]:
    return [text for _, text in messages]


def spam(messages: list[Message]) -> list[bool]:
    return [label == "spam" for label, _ in messages]
