"""What is raised where a policy's answer is none."""

from __future__ import annotations


class PolicyResultError(ValueError):
    """A policy answered with something that its family's protocol does not allow."""
