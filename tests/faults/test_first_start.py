"""The users of a new stack have their policies, though MinIO forgets one while it starts."""

from dataclasses import replace
from pathlib import Path

from conf import s3
from conf.first_start import access
from tests.faults.proxy import Proxy
from tests.faults.rules import call
from tests.stack.servers import access_of, as_part, new_minio_in


def test_a_policy_that_minio_has_forgotten_is_given_again(tmp_path: Path) -> None:
    with new_minio_in(tmp_path) as settings, Proxy(settings.minio.port) as proxy:
        admin = s3.admin(access_of(settings, "root"))
        through_proxy = replace(settings, minio=settings.minio.model_copy(update={"port": proxy.port}))
        forget = call(lambda: admin.policy_remove("lander"))
        with proxy.rule("PUT", "set-user-or-group-policy.*lander", "arrived", forget) as giving:
            access.grant(through_proxy)
        assert giving.seen == 2
        as_part(settings, "lander").make_bucket(bucket_name=settings.minio.landing_bucket)
