"""The state of a market as data: encoded without pickle, decoded without running what it names.

`encode` walks everything that a market holds, strictly: what it does not know is an error that
names the way there, so that nothing is left out in silence. `decode` makes the same objects again,
what was shared is shared, and what was a view of other memory is one.

A class may name attributes that are worked out again in `NOT_SAVED`, and have a method
`after_loading` that does so.
"""

from sim.state.decoding import decode
from sim.state.encoding import Encoded, encode
from sim.state.errors import StateError

__all__ = ["Encoded", "StateError", "decode", "encode"]
