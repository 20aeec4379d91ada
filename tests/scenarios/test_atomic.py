"""Files and folders appear whole or not at all, whatever kills the process that writes them."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scenarios.atomic import folder_written_whole, remove_leftovers, write_file_atomically

FILES = 40
SIZE = 20_000


def hidden(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir() if entry.name.startswith("."))


def write_folder(path: Path, letter: str, *, overwrite: bool = False) -> None:
    with folder_written_whole(path, overwrite=overwrite) as new:
        (new / "inner").mkdir()
        for number in range(FILES):
            (new / "inner" / str(number)).write_text(letter * SIZE)


def letters_of_whole_folder(path: Path) -> str:
    contents = [file.read_text() for file in (path / "inner").iterdir()]
    assert len(contents) == FILES
    assert {len(content) for content in contents} == {SIZE}
    return "".join(sorted({content[0] for content in contents}))


def test_a_file_is_written_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_file_atomically(path, "é")
    assert path.read_bytes() == "é".encode()
    write_file_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert hidden(tmp_path) == []


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        write_file_atomically(path, "\ud800")
    assert path.read_text() == "old"
    assert hidden(tmp_path) == []


def test_a_folder_has_no_name_until_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "run"
    with folder_written_whole(path) as new:
        (new / "a").write_text("a")
        assert not path.exists()
        assert new.parent == path.parent
    assert (path / "a").read_text() == "a"
    assert hidden(path.parent) == []


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_exception_leaves_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    def fails() -> None:
        with folder_written_whole(tmp_path / "run") as new:
            (new / "a").write_text("a")
            raise error

    with pytest.raises(error):
        fails()
    assert list(tmp_path.iterdir()) == []


def test_an_exception_leaves_the_folder_that_was_to_be_replaced(tmp_path: Path) -> None:
    write_folder(tmp_path / "run", "a")
    with (
        pytest.raises(KeyboardInterrupt),
        folder_written_whole(tmp_path / "run", overwrite=True),
    ):
        raise KeyboardInterrupt
    assert letters_of_whole_folder(tmp_path / "run") == "a"
    assert hidden(tmp_path) == []


def test_an_existing_folder_is_replaced_only_when_told(tmp_path: Path) -> None:
    path = tmp_path / "run"
    write_folder(path, "a")
    with pytest.raises(FileExistsError, match="choose another name"):
        write_folder(path, "b")
    assert letters_of_whole_folder(path) == "a"
    write_folder(path, "b", overwrite=True)
    assert letters_of_whole_folder(path) == "b"
    assert hidden(tmp_path) == []


def test_a_file_of_that_name_is_never_replaced_by_a_folder(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("precious")
    with pytest.raises(FileExistsError):
        write_folder(tmp_path / "run", "a", overwrite=True)
    assert (tmp_path / "run").read_text() == "precious"


def test_of_two_writers_of_one_name_the_first_wins(tmp_path: Path) -> None:
    path = tmp_path / "run"
    with pytest.raises(FileExistsError), folder_written_whole(path):
        write_folder(path, "a")
    assert letters_of_whole_folder(path) == "a"
    assert hidden(tmp_path) == []


def test_what_a_living_process_writes_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "run"
    with folder_written_whole(path) as new:
        (new / "a").write_text("a")
        script = (
            "import sys; from pathlib import Path\n"
            "from scenarios.atomic import remove_leftovers\n"
            "remove_leftovers(Path(sys.argv[1]))"
        )
        subprocess.run([sys.executable, "-c", script, str(path)], check=True)
        remove_leftovers(path)
        assert (new / "a").read_text() == "a"


def of_a_dead_process(path: Path, kind: str) -> Path:
    """The hidden name that a process which has ended would have used."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            (
                "import sys; from pathlib import Path; from scenarios.atomic import _hidden\n"
                "with _hidden(Path(sys.argv[1]), sys.argv[2]) as name: print(name)"
            ),
            str(path),
            kind,
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    return Path(done.stdout.strip())


def test_leftovers_of_the_dead_are_removed_and_of_other_names_kept(tmp_path: Path) -> None:
    path = tmp_path / "run"
    dead = of_a_dead_process(path, "tmp")
    other = of_a_dead_process(tmp_path / "run.b", "tmp")
    for leftover in (dead, other):
        leftover.mkdir()
        (leftover / "half").write_text("half")
    write_folder(path, "a")
    assert hidden(tmp_path) == [other.name]


def test_a_folder_moved_away_by_a_process_that_died_is_put_back(tmp_path: Path) -> None:
    path = tmp_path / "run"
    write_folder(path, "a")
    path.rename(of_a_dead_process(path, "old"))
    remove_leftovers(path)
    assert letters_of_whole_folder(path) == "a"
    assert hidden(tmp_path) == []


CHILD = """
import sys
from pathlib import Path
from scenarios.atomic import folder_written_whole, write_file_atomically
path, letter = Path(sys.argv[1]), sys.argv[2]
print("ready", flush=True)
while True:
    write_file_atomically(path.with_suffix(".txt"), letter * {size})
    with folder_written_whole(path, overwrite=True) as new:
        (new / "inner").mkdir()
        for number in range({files}):
            (new / "inner" / str(number)).write_text(letter * {size})
"""


def test_a_kill_at_any_moment_leaves_the_whole_or_nothing(tmp_path: Path) -> None:
    path = tmp_path / "run"
    luck = random.Random(1)
    script = CHILD.format(size=SIZE, files=FILES)
    found = []
    for round_ in range(12):
        before = letters_of_whole_folder(path) if path.exists() else ""
        letter = "abcdefghijkl"[round_]
        child = subprocess.Popen(
            [sys.executable, "-c", script, str(path), letter], stdout=subprocess.PIPE
        )
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(luck.uniform(0.0, 0.06))
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
        text = path.with_suffix(".txt")
        assert not text.exists() or len(text.read_text()) == SIZE
        if path.exists():
            assert letters_of_whole_folder(path) in {before, letter}
        found.append(bool(hidden(tmp_path)))
        remove_leftovers(path)
        remove_leftovers(text)
        assert hidden(tmp_path) == []
        if before:
            assert letters_of_whole_folder(path) in {before, letter}
    assert any(found)  # some kills did come in the middle of writing
