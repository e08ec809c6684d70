"""Who may do what in MinIO: one user for each part, with a policy of its own; nobody may delete in the landing bucket."""

from collections.abc import Mapping, Sequence
from typing import Any

from minio import MinioAdmin
from pydantic import SecretStr
from tenacity import retry, retry_if_exception_message, stop_after_attempt, wait_fixed

from conf import s3
from conf.places import PINS, PREDICTIONS
from conf.settings import S3Access, Settings

READ = ("s3:GetObject", "s3:GetObjectVersion")
LIST = ("s3:GetBucketLocation", "s3:ListBucket", "s3:GetBucketVersioning")
LIST_VERSIONS = ("s3:ListBucketVersions",)
SET_UP = ("s3:CreateBucket", "s3:PutBucketVersioning", "s3:GetBucketNotification", "s3:PutBucketNotification")
# A large object travels in parts: a user that may put may also list the parts and abort the transfer.
PUT = ("s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts")
LIST_UPLOADS = ("s3:ListBucketMultipartUploads",)
DELETE = ("s3:DeleteObject",)


def policies(settings: Settings) -> dict[str, dict[str, Any]]:
    """The policy document of each part, by the part's name."""
    landing, delta, mlflow = settings.minio.landing_bucket, settings.minio.delta_bucket, settings.minio.mlflow_bucket
    return {
        "lander": _policy(_allow(landing, [*LIST, *LIST_UPLOADS, *SET_UP], [*READ, *PUT])),
        "stream": _policy(
            _allow(landing, [*LIST, *LIST_VERSIONS], READ),
            _allow(delta, ["s3:CreateBucket", *LIST, *LIST_UPLOADS], [*READ, *PUT, *DELETE]),
        ),
        # Reads the tables, pins what it reads, and keeps what its models say.
        "trainer": _policy(
            _allow(delta, LIST, READ),
            [_on_objects(f"{delta}/{PINS}", PUT), _on_objects(f"{delta}/{PREDICTIONS}", PUT)],
        ),
        "mlflow": _policy(_allow(mlflow, [*LIST, *LIST_UPLOADS], [*READ, *PUT, *DELETE])),
    }


def grant(settings: Settings) -> None:
    """Each part's user exists with its policy, and so does MLflow's bucket. Can be repeated; a changed policy wins."""
    root = S3Access(
        settings.minio.endpoint,
        settings.secret("MINIO_ROOT_USER"),
        SecretStr(settings.secret("MINIO_ROOT_PASSWORD")),
    )
    admin = s3.admin(root)
    for part, document in policies(settings).items():
        _admit(admin, settings.s3(part), part, document)
    s3.make_bucket(s3.minio(root), settings.minio.mlflow_bucket)


# A MinIO that has just started can forget a policy that it was given a moment ago: its first reading of users and policies replaces what
# it has in memory, whatever came meanwhile (LoadIAMCache in MinIO's iam-store.go).
@retry(
    retry=retry_if_exception_message(match="(?s).*NoSuchPolicy"),
    stop=stop_after_attempt(20),
    wait=wait_fixed(0.5),
    reraise=True,
)
def _admit(admin: MinioAdmin, user: S3Access, policy: str, document: Mapping[str, Any]) -> None:
    """The user exists with this policy."""
    admin.policy_add(policy_name=policy, policy=dict(document))
    admin.user_add(access_key=user.access_key, secret_key=user.secret_key.get_secret_value())
    admin.policy_set(policy_name=policy, user=user.access_key)


def _policy(*statements: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [one for pair in statements for one in pair]}


def _allow(bucket: str, on_bucket: Sequence[str], on_objects: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {"Effect": "Allow", "Action": list(on_bucket), "Resource": [f"arn:aws:s3:::{bucket}"]},
        _on_objects(bucket, on_objects),
    ]


def _on_objects(place: str, actions: Sequence[str]) -> dict[str, Any]:
    """On the objects of a bucket, or of a folder in it."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": [f"arn:aws:s3:::{place}/*"]}
