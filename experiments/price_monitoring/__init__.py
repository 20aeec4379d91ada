"""How well price monitoring does, on series whose truth is known: `python -m` this package."""
