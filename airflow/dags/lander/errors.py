"""What can go wrong in landing. The message holds the thing, its value and the remedy."""


class LandingError(Exception):
    """Root of the family; raised itself when a run could not land every page, and names each of them."""


class PageError(LandingError):
    """One page cannot be landed: it stays unconfirmed, and others can be landed."""


class ServiceError(LandingError):
    """The source or MinIO does not answer, or refuses the request: no page can be landed now."""
