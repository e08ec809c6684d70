"""The object store's clients, each with its identity: the one place that makes them."""

from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from conf.settings import S3Access

# Not every part that needs one client has the others installed. minio-py takes a fifth of a second to import: a command that
# answers within a second does without it.
if TYPE_CHECKING:
    from minio import Minio, MinioAdmin
    from obstore.store import RetryConfig, S3Store

REGION = "us-east-1"
TIMEOUT_SECONDS = 60
# The client handles trouble that passes within seconds; what lasts longer is raised to the caller.
RETRIES = 5
RETRY_SECONDS = 30

_REFUSALS = {
    "InvalidAccessKeyId": "MinIO does not know {part}_ACCESS_KEY: `lake up` (compose: init-stores) makes its user.",
    "SignatureDoesNotMatch": "{part}_SECRET_KEY is not the one MinIO has: `lake up` (compose: init-stores) sets it there.",
    "RequestTimeTooSkewed": "The clocks of this machine and of MinIO's are too far apart: set them by NTP.",
    "AccessDenied": "The policy of this user lacks a right: `lake up` (compose: init-stores) sets it anew.",
}
"""The remedy for what no waiting mends, by MinIO's code."""


def refusal(access: S3Access, part: str, code: str | None) -> str | None:
    """The message, with the remedy, when MinIO refuses this part's keys with this code; None when it is no refusal."""
    remedy = _REFUSALS.get(code or "")
    if remedy is None:
        return None
    remedy = remedy.format(part=part.upper())
    return f"MinIO at {access.endpoint} refuses the access key {access.access_key}: {code}. {remedy}"


def minio(access: S3Access, *, retries: int = RETRIES, timeout: float = TIMEOUT_SECONDS) -> "Minio":
    """minio-py: listings, versions, buckets. Retries 5xx and cut connections before it raises."""
    import urllib3  # noqa: PLC0415
    from minio import Minio  # noqa: PLC0415

    retry = urllib3.Retry(total=retries, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504])
    pool = urllib3.PoolManager(retries=retry, timeout=urllib3.Timeout(timeout), maxsize=16)
    return Minio(
        _host(access),
        access_key=access.access_key,
        secret_key=access.secret_key.get_secret_value(),
        secure=False,
        region=REGION,
        http_client=pool,
    )


def has_bucket(client: "Minio", bucket: str) -> bool:
    """Whether the bucket exists. Raises minio-py's `S3Error` with MinIO's own code.

    minio-py's `bucket_exists` sends a HEAD request, whose answer has no body: a wrong key would be an `AccessDenied` as well.
    """
    from minio import S3Error  # noqa: PLC0415

    try:
        client.get_bucket_versioning(bucket)
    except S3Error as error:
        if error.code != "NoSuchBucket":
            raise
        return False
    return True


def make_bucket(client: "Minio", bucket: str) -> None:
    """The bucket exists. Raises as `has_bucket` does."""
    if not has_bucket(client, bucket):
        client.make_bucket(bucket)


def admin(access: S3Access) -> "MinioAdmin":
    """minio-py for users and policies, which are MinIO's own."""
    from minio import MinioAdmin  # noqa: PLC0415
    from minio.credentials.providers import StaticProvider  # noqa: PLC0415

    keys = StaticProvider(access.access_key, access.secret_key.get_secret_value())
    return MinioAdmin(endpoint=_host(access), credentials=keys, secure=False)


@lru_cache(maxsize=8)
def store(access: S3Access, bucket: str, *, retries: int = RETRIES) -> "S3Store":
    """obstore: conditional and plain PUTs, GETs, and little CPU for each. One per process: making it costs 11 ms (measured)."""
    from obstore.store import S3Store  # noqa: PLC0415

    retry: RetryConfig = {"max_retries": retries, "retry_timeout": timedelta(seconds=RETRY_SECONDS)}
    return S3Store(
        bucket,
        endpoint=access.endpoint,
        access_key_id=access.access_key,
        secret_access_key=access.secret_key.get_secret_value(),
        region=REGION,
        client_options={"allow_http": True},
        retry_config=retry,
    )


def delta_options(access: S3Access) -> dict[str, str]:
    """delta-rs: its storage options. They hold the secret in plain text."""
    return {
        "AWS_ENDPOINT_URL": access.endpoint,
        "AWS_ACCESS_KEY_ID": access.access_key,
        "AWS_SECRET_ACCESS_KEY": access.secret_key.get_secret_value(),
        "AWS_REGION": REGION,
        "AWS_ALLOW_HTTP": "true",
    }


def _host(access: S3Access) -> str:
    return access.endpoint.removeprefix("http://")
