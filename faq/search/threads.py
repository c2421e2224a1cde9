"""Keeps each question on one thread: the products are small, and threads waiting for each other cost thirty times the work."""

from threadpoolctl import threadpool_limits


def one_thread_per_question() -> None:
    """Limit the linear algebra of this process to one thread."""
    threadpool_limits(limits=1, user_api="blas")
