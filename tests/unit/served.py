"""Services for tests of what starts and keeps them."""

from conf.local.definition import Service

NEVER = ("python", "conf/compose/probe.py", "http://127.0.0.1:9/never")


def service(name: str, *command: str, **environment: str) -> Service:
    """One that stays, needs nothing and never shows that it is ready."""
    return Service(
        name,
        command,
        environment,
        needs=frozenset(),
        stays=True,
        healthcheck=NEVER,
        ports={},
        stop_signal="TERM",
        stop_seconds=15,
        signals_group=True,
        page=None,
    )
