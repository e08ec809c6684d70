"""Whether MinIO lets the trainer read a bucket, before anything is asked of it; by one request, without retries."""

import re

import obstore
from obstore.exceptions import BaseError

from conf import s3
from conf.settings import S3Access
from streaming.errors import ServiceError


def reach(access: S3Access, bucket: str) -> None:
    """MinIO accepts these credentials of the trainer; the bucket may be empty, or not there yet. Raises `ServiceError`.

    delta-rs would try ten times and report that in ten lines.
    """
    try:
        next(iter(obstore.list(s3.store(access, bucket, retries=0), chunk_size=1)), None)
    except (BaseError, OSError) as error:
        # obstore raises a plain error for a wrong secret: MinIO's own code tells.
        said = re.search(r"<Code>(\w+)</Code>", str(error))
        if said is None:
            raise ServiceError(f"MinIO does not answer at {access.endpoint}. Start it with `lake up`.") from error
        if refusal := s3.refusal(access, "trainer", code := said[1]):
            raise ServiceError(refusal) from error
        if code != "NoSuchBucket":
            raise ServiceError(f"MinIO at {access.endpoint} answers {code}. Its log says why.") from error
