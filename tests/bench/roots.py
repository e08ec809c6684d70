"""MinIO asked by root: a benchmark looks at buckets that no part may see."""

from pydantic import SecretStr

from conf.settings import S3Access
from tests.faults.ministack import MiniStack


def root_of(stack: MiniStack) -> S3Access:
    """The stack's MinIO itself, past every proxy."""
    secret = stack.settings.secret
    return S3Access(stack.settings.minio.endpoint, secret("MINIO_ROOT_USER"), SecretStr(secret("MINIO_ROOT_PASSWORD")))
