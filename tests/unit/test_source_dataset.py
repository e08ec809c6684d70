"""Which dataset a stack hands out, and that it stays with it."""

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from conf import settings
from conf.settings import Settings
from source_api import dataset
from source_api.corpus.messages import export
from source_api.download import FILE, fetched
from source_api.errors import DatasetError, DownloadError, StoreConflictError
from source_api.opening import opened

SAMPLE = b"v1,v2,,,\r\nham,one,,,\r\nspam,two,,,\r\n"
Stack = Callable[..., Settings]


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    """Settings of a stack in a folder of the test, without a dataset and without a network."""
    alone = {"sms_spam_csv": None, "download_seconds": 0, "seed": 5}

    def changed(**changes: object) -> Settings:
        now = settings.load()
        return replace(now, home=tmp_path / "lake", source=now.source.model_copy(update={**alone, **changes}))

    return changed


@pytest.fixture
def downloads(stack: Stack) -> Path:
    """Where a stack keeps what it downloaded."""
    folder = stack().home / "datasets"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    (tmp_path / "my sample.csv").write_bytes(SAMPLE)
    return tmp_path / "my sample.csv"


@pytest.fixture
def silent_proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A network on which every request gets stuck."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{server.getsockname()[1]}")
        yield


@pytest.fixture
def refusing_proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A network that closes every connection."""

    def refuse(server: socket.socket) -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            connection.close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{server.getsockname()[1]}")
        thread = threading.Thread(target=refuse, args=[server])
        thread.start()
        yield
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_file_that_was_named_is_handed_out_as_it_is(stack: Stack, sample: Path) -> None:
    chosen = dataset.chosen(stack(sms_spam_csv=sample))
    assert (chosen.name, chosen.origin, chosen.seed, chosen.content) == ("my-sample", "real", None, SAMPLE)


def test_the_export_itself_is_recognised(stack: Stack, downloads: Path) -> None:
    export = settings.load().source.sms_spam_csv
    if export is None:
        pytest.skip("SMS_SPAM_CSV is not set: GENERATED data only")
    assert dataset.chosen(stack(sms_spam_csv=export)).name == "sms-spam-collection"
    (downloads / FILE).write_bytes(export.read_bytes())
    assert dataset.chosen(stack()).name == "sms-spam-collection"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "SMS_SPAM_CSV=.*: No such file"),
        (b"", "first line is b'', expected b'v1,v2,,,'"),
        (b"label,text\nham,one\n", "first line is b'label,text', expected b'v1,v2,,,'"),
        (b"v1,v2,,,\r\n", "a header and no records"),
        (b"v1,v2,,,\r\n\r\n", "a header and no records"),
    ],
)
def test_a_named_file_that_is_no_dataset_is_an_error(
    stack: Stack, sample: Path, content: bytes | None, message: str
) -> None:
    sample.unlink() if content is None else sample.write_bytes(content)
    with pytest.raises(DatasetError, match=message):
        opened(stack(sms_spam_csv=sample))


def test_without_a_dataset_the_corpus_of_the_seed_is_handed_out_and_said_so(
    stack: Stack, caplog: pytest.LogCaptureFixture
) -> None:
    chosen = dataset.chosen(stack())
    assert (chosen.name, chosen.origin, chosen.seed) == ("generated-5", "generated", 5)
    assert chosen.content == export(5)
    assert "GENERATED corpus, seed 5" in caplog.text


def test_a_kept_download_with_a_wrong_checksum_is_not_used(stack: Stack, downloads: Path) -> None:
    (downloads / FILE).write_bytes(SAMPLE)
    assert dataset.chosen(stack()).origin == "generated"


@pytest.mark.usefixtures("silent_proxy")
def test_a_download_that_hangs_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"did not arrive within 4 s \(SOURCE_DOWNLOAD_SECONDS\)"):
        fetched(tmp_path / "downloads", 4)
    assert list((tmp_path / "downloads").iterdir()) == []


@pytest.mark.usefixtures("refusing_proxy")
def test_a_download_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"uciml/sms-spam-collection-dataset: .*ConnectionError"):
        fetched(tmp_path / "downloads", 60)


def test_a_stack_keeps_its_dataset_when_the_file_is_gone(stack: Stack, sample: Path) -> None:
    first = opened(stack(sms_spam_csv=sample))
    first.take("a")
    first.positions.close()
    sample.unlink()
    again = opened(stack())
    assert (again.terms, again.sheet.content) == (first.terms, SAMPLE)
    assert again.counts().next_record == 2
    again.positions.close()


def test_a_stack_on_the_generated_corpus_stays_on_it(stack: Stack) -> None:
    opened(stack()).positions.close()
    again = opened(stack(download_seconds=10_000))  # would download, if it looked
    assert (again.terms.origin, again.terms.seed) == ("generated", 5)
    again.positions.close()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"page_records": 7},
            "SOURCE_PAGE_RECORDS=7, but this stack counts in pages of 100 .* Set it to 100, or",
        ),
        ({"seed": 6}, "SOURCE_SEED=6, but this stack hands out the corpus of seed 5. Set it to 5, or"),
    ],
)
def test_other_terms_than_the_stacks_are_refused(stack: Stack, changes: dict[str, int], message: str) -> None:
    opened(stack()).positions.close()
    with pytest.raises(StoreConflictError, match=message):
        opened(stack(**changes))


def test_another_dataset_than_the_stacks_is_refused_with_both_digests(stack: Stack, sample: Path) -> None:
    feed = opened(stack())
    feed.positions.close()
    asked = dataset.given(sample).sha256
    with pytest.raises(StoreConflictError, match=rf"sha256 {asked}, but this stack .* sha256 {feed.terms.sha256}"):
        opened(stack(sms_spam_csv=sample))


def test_a_changed_copy_of_the_dataset_is_refused(stack: Stack, sample: Path) -> None:
    opened(stack(sms_spam_csv=sample)).positions.close()
    copy = stack().state / "source_api" / "dataset.csv"
    copy.write_bytes(SAMPLE.replace(b"one", b"eno"))
    with pytest.raises(DatasetError, match=r"dataset\.csv is not the file it was"):
        opened(stack())
    copy.unlink()
    with pytest.raises(DatasetError, match=r"dataset\.csv is missing"):
        opened(stack())
