"""Errors that end the streaming query, or a command, with one line that an operator can act on; and one that ends neither."""

from conf.errors import LakeError


class ServiceError(LakeError):
    """A service cannot be used; the message names it, its address and the remedy. No secret is in it."""


class LookError(LakeError):
    """What was asked for is not there, or cannot be asked for in this way; the message says what there is."""


class OverdueError(Exception):
    """Something took longer than it may. It is an outcome of the object that it happened to."""
