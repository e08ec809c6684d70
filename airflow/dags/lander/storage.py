"""Stores a page in the landing bucket, once."""

import hashlib

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError

from conf import s3
from conf.places import page_key
from conf.settings import S3Access
from lander.errors import PageError, ServiceError
from lander.source import Page


class Storage:
    """The landing bucket. obstore writes to it, for its create-only PUT, which minio-py does not offer."""

    def __init__(self, access: S3Access, bucket: str) -> None:
        self._store = s3.store(access, bucket)
        self._place = f"MinIO at {access.endpoint}, bucket {bucket}, as {access.access_key}"

    def store(self, page: Page, run_id: str) -> str:
        """The page's bytes lie under its key, written by exactly one PUT. Returns the key.

        Raises `PageError` when other bytes lie there, which are kept; `ServiceError` when MinIO does not answer or refuses.
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
