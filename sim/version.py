"""The version of Weal, read from the installed distribution: the one place that knows it."""

from importlib.metadata import version

__version__: str = version("weal")
