"""Whether MinIO lets somebody read a bucket, before anything is asked of it; by one request, without retries."""

import re

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError

from conf import s3
from conf.settings import S3Access
from streaming.errors import ServiceError


def reach(access: S3Access, bucket: str) -> None:
    """MinIO answers to these credentials; the bucket may be empty, or not there yet. Raises `ServiceError`.

    delta-rs would ask ten times, and tell it in ten lines.
    """
    try:
        next(iter(obstore.list(s3.store(access, bucket, retries=0), chunk_size=1)), None)
    except FileNotFoundError:
        return
    except (PermissionDeniedError, UnauthenticatedError) as error:
        code = (re.findall(r"<Code>(\w+)</Code>", str(error)) or ["no reason"])[0]
        remedy = s3.REFUSALS.get(code, "")
        message = f"MinIO at {access.endpoint} refuses the access key {access.access_key}: {code}. {remedy}"
        raise ServiceError(message.strip()) from error
    except (BaseError, OSError) as error:
        raise ServiceError(f"MinIO does not answer at {access.endpoint}. Start it with `lake up`.") from error
