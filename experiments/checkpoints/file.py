"""A checkpoint's file: what a market is on the eve of a day, whole or not at all, without pickle.

    weal checkpoint 1                  the number of the format
    SHA-256 of all that follows        64 hexadecimal digits
    {"model": ..., "day": ..., ...}    what it is of, as one line of JSON
    entries                            JSON, compressed (Zstandard): see `sim.state.encoding`
    memory                             the arrays' bytes, block after block, compressed likewise

Reading it runs nothing of what it names, and gives the market only where format, checksum, version
of the model and plug-ins are those that it was written with.
"""

from __future__ import annotations

import hashlib
import json
import platform as machine
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa

from experiments.run_folder import LIBRARIES
from experiments.studies.identity import model_version
from policies.registry import load_plugin
from scenarios.atomic import write_file_atomically
from scenarios.schema import Scenario
from scenarios.writing import content_hash, to_toml
from sim.market import Marketplace
from sim.state import Encoded, StateError, decode, encode

FORMAT = 1
"""Number of the format; another one is refused."""

_MAGIC = b"weal checkpoint "


class CheckpointError(ValueError):
    """A checkpoint that is missing, damaged, or of something else than is asked for."""


class DamagedError(CheckpointError):
    """A file that is no whole checkpoint of this format."""


@dataclass(frozen=True, slots=True)
class About:
    """What a checkpoint is of."""

    model: str  # version of the model, as `model_version` gives it without plug-ins
    scenario: str  # the resolved scenario as TOML; "" for a market of bare settings
    scenario_hash: str  # its SHA-256
    name: str  # of the scenario
    seed: int
    day: int  # that has not begun yet: so many days were lived
    every: int | None  # days between two checkpoints of the run; None: of no run
    plugins: dict[str, str]  # file name to SHA-256 of its content
    input_hashes: dict[str, str]  # by kind of input
    python: str
    libraries: dict[str, str]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a file tells: what it is of, and its state, of which any number of markets is made."""

    path: Path
    about: About
    tree: dict[str, Any]
    blocks: list[memoryview]

    def market(self) -> Marketplace:
        """The market, new each time.

        Raises:
            CheckpointError: if the state is not a market's.
        """
        return _market(self.tree, self.blocks, self.path)

    def notes(self) -> list[str]:
        """What differs from where it was written, and may change the last digits, a line each."""
        here = {"python": machine.python_version(), **_libraries()}
        there = {"python": self.about.python, **self.about.libraries}
        return [
            f"{self.path}: was written with {name} {told}, and here is {here.get(name, 'none')}; "
            "the last digits may differ"
            for name, told in there.items()
            if here.get(name) != told
        ]


def save_checkpoint(
    market: Marketplace,
    path: Path,
    *,
    plugins: Mapping[str, str] | Sequence[Path] = (),
    input_hashes: Mapping[str, str] | None = None,
    every: int | None = None,
) -> Path:
    """Write what a market is between two days, whole or not at all.

    Args:
        market: any market, on the eve of a day.
        path: the file; parents are made, an old one is replaced.
        plugins: files of the plug-ins that it uses, or their hashes by name.
        input_hashes: hashes of the data that it was founded from, by kind.
        every: days between two checkpoints, if a run makes them.

    Returns:
        The path.

    Raises:
        sim.state.StateError: if the market holds something that cannot be saved; it says where.
        OSError: if the file cannot be written.
    """
    about = _about(market, plugin_hashes(plugins), dict(input_hashes or {}), every)
    content = written(encode(market, "market"), about)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file_atomically(path, content)
    return path


def load_checkpoint(path: Path, *, plugins: Sequence[Path] = ()) -> Marketplace:
    """The market of a checkpoint, which lives on as if it had never been saved.

    Args:
        path: the file.
        plugins: files of the plug-ins that it was made with; they are loaded.

    Raises:
        CheckpointError: if the file is missing or damaged, or was written by another version of the
            model or with plug-ins that are not given or have changed.
        policies.registry.PolicyError: if a plug-in is not usable.
    """
    for plugin in plugins:
        load_plugin(plugin)
    return read_checkpoint(path, plugin_hashes(plugins)).market()


def read_checkpoint(path: Path, plugins: Mapping[str, str]) -> Checkpoint:
    """Read a checkpoint, and see that this program can go on from it.

    Args:
        path: the file.
        plugins: hashes of the plug-ins' files that are loaded, by name.

    Raises:
        CheckpointError: as `load_checkpoint`.
    """
    about, body, header = _whole(path)
    here = model_version()
    if about.model != here:
        raise CheckpointError(
            f"{path}: was written by version {about.model} of the model, and this is {here}; a run "
            "goes on only with the version that began it"
        )
    _refuse_other_plugins(path, about.plugins, plugins)
    try:
        tree, memory = (pa.decompress(*one, codec="zstd") for one in _parts(body, header))
        told = json.loads(bytes(tree))
        blocks, start = [], 0
        for length in told.pop("blocks"):
            blocks.append(memoryview(memory)[start : start + length])
            start += length
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise DamagedError(f"{path}: is no whole checkpoint: {error}") from None
    return Checkpoint(path, about, told, blocks)


def plugin_hashes(plugins: Mapping[str, str] | Sequence[Path]) -> dict[str, str]:
    """SHA-256 of plug-ins' files by their names.

    Raises:
        OSError: if one cannot be read.
    """
    if isinstance(plugins, Mapping):
        return dict(plugins)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in plugins}


def written(state: Encoded, about: About) -> bytes:
    """A checkpoint's file."""
    told = {**state.tree, "blocks": [len(block) for block in state.blocks]}
    entries = json.dumps(told, separators=(",", ":")).encode()
    parts = [_compressed([entries]), _compressed(state.blocks)]
    sizes = {
        "entries": [len(parts[0]), len(entries)],
        "memory": [len(parts[1]), sum(told["blocks"])],
    }
    header = json.dumps({**asdict(about), "sizes": sizes}, ensure_ascii=False).encode()
    digest = hashlib.sha256(header + b"\n")
    for part in parts:
        digest.update(part)
    start = _MAGIC + f"{FORMAT}\n{digest.hexdigest()}\n".encode()
    return b"".join([start, header, b"\n", *parts])


def copies(market: Marketplace) -> Checkpoint:
    """A market as it is now, to make others of, without a file."""
    state = encode(market, "market")
    about = _about(market, {}, {}, None)
    tree = json.loads(json.dumps(state.tree))
    return Checkpoint(Path(), about, tree, [memoryview(block.tobytes()) for block in state.blocks])


def _about(
    market: Marketplace, plugins: dict[str, str], input_hashes: dict[str, str], every: int | None
) -> About:
    scenario = market.initial_settings
    of_scenario = isinstance(scenario, Scenario)
    return About(
        model=model_version(),
        scenario=to_toml(scenario) if of_scenario else "",
        scenario_hash=content_hash(scenario) if of_scenario else "",
        name=scenario.name if isinstance(scenario, Scenario) else "",
        seed=market.streams.seed,
        day=market.day,
        every=every,
        plugins=plugins,
        input_hashes=input_hashes,
        python=machine.python_version(),
        libraries=_libraries(),
    )


def _whole(path: Path) -> tuple[About, memoryview, dict[str, Any]]:
    """The header of a file whose checksum is right, and what follows it."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise CheckpointError(f"{path}: no such checkpoint") from None
    except IsADirectoryError:
        raise CheckpointError(f"{path}: is a folder, not a checkpoint") from None
    first, _, rest = content.partition(b"\n")
    if not first.startswith(_MAGIC):
        raise DamagedError(f"{path}: is no checkpoint of Weal's")
    number = first.removeprefix(_MAGIC).decode(errors="replace")
    if number != str(FORMAT):
        raise DamagedError(
            f"{path}: is of format {number[:20]}, and this version of Weal reads format {FORMAT}"
        )
    digest, _, rest = rest.partition(b"\n")
    if hashlib.sha256(rest).hexdigest().encode() != digest:
        raise DamagedError(
            f"{path}: is damaged or cut short: its checksum is not that of its content"
        )
    line, _, body = rest.partition(b"\n")
    try:
        header = json.loads(line)
        sizes = header.pop("sizes")
        return About(**header), memoryview(body), sizes
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedError(f"{path}: is no whole checkpoint: {error}") from None


def _parts(body: memoryview, sizes: dict[str, Any]) -> list[tuple[pa.Buffer, int]]:
    """The compressed parts of a file, each with its length when it is not."""
    (entries, plain_entries), (memory, plain_memory) = sizes["entries"], sizes["memory"]
    return [
        (pa.py_buffer(body[:entries]), plain_entries),
        (pa.py_buffer(body[entries : entries + memory]), plain_memory),
    ]


def _refuse_other_plugins(path: Path, then: Mapping[str, str], now: Mapping[str, str]) -> None:
    missing = [name for name in then if name not in now]
    if missing:
        wanted = " ".join(f"--plugin {name}" for name in missing)
        raise CheckpointError(
            f"{path}: was made with policies of plug-ins; give their files: {wanted}"
        )
    for name, told in then.items():
        if now[name] != told:
            raise CheckpointError(
                f"{path}: the plug-in {name} has changed since (SHA-256 {told[:12]} then, "
                f"{now[name][:12]} now); a run goes on only with the file that it began with"
            )


def _market(tree: dict[str, Any], blocks: Sequence[memoryview], path: Path) -> Marketplace:
    try:
        market = decode(tree, blocks)
    except StateError as error:
        raise CheckpointError(f"{path}: {error}") from None
    if not isinstance(market, Marketplace):
        raise CheckpointError(f"{path}: holds a {type(market).__name__}, not a market")
    return market


def _compressed(parts: Sequence[Any]) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        for part in parts:
            stream.write(part)
    return bytes(sink.getvalue())


def _libraries() -> dict[str, str]:
    return {name: version(name) for name in LIBRARIES}
