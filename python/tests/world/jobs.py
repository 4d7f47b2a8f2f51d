"""What the workers of the tests do."""


def add(a: int, b: int) -> int:
    """A job."""
    return a + b


def fail() -> None:
    """A job that fails."""
    raise ValueError("no")
