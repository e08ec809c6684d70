"""Stores a page in the landing bucket, once."""

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import S3Store

from conf.places import page_key
from conf.settings import S3Access
from lander.errors import PageError, ServiceError
from lander.source import Page

if TYPE_CHECKING:
    from obstore.store import RetryConfig


# Longer troubles are the scheduler's: it tries the task again.
RETRIES: "RetryConfig" = {"max_retries": 5, "retry_timeout": timedelta(seconds=30)}


class Storage:
    """The landing bucket. obstore writes to it: its create-only PUT is one that minio-py does not offer."""

    def __init__(self, access: S3Access, bucket: str) -> None:
        self._store = S3Store(
            bucket,
            endpoint=access.endpoint,
            access_key_id=access.access_key,
            secret_access_key=access.secret_key.get_secret_value(),
            region="us-east-1",
            client_options={"allow_http": True},
            retry_config=RETRIES,
        )
        self._place = f"MinIO at {access.endpoint}, bucket {bucket}, as {access.access_key}"

    def store(self, page: Page, run_id: str) -> str:
        """The page's bytes lie under its key, written by exactly one PUT. Answers the key.

        Raises `PageError` when other bytes lie there: they are kept; `ServiceError` when MinIO does not answer or refuses.
        """
        key = page_key(page.dataset, page.number)
        attributes = {
            "Content-Type": "text/csv",
            "sha256": page.sha256,
            "page": str(page.number),
            "records": str(page.records),
            "dataset": page.dataset,
            "origin": page.origin,
            "source": page.source,
            "run": run_id,
        }
        try:
            self._put_once(key, page, attributes)
        except BaseError as error:
            raise ServiceError(f"{self._place}, could not store {key}: {str(error).strip().splitlines()[0]}") from error
        return key

    def _put_once(self, key: str, page: Page, attributes: dict[str, str]) -> None:
        try:
            obstore.put(self._store, key, page.body, mode="create", attributes=attributes)
        except AlreadyExistsError:
            present = hashlib.sha256(bytes(obstore.get(self._store, key).bytes())).hexdigest()
            if present != page.sha256:
                raise PageError(
                    f"{key} holds bytes with sha256 {present}, page {page.number} has {page.sha256}"
                ) from None
