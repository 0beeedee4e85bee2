"""What can happen to a disk: stores that are gone, cut short, or wrong in the middle."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_RUBBISH: Final = b"\xa5" * 512


def lose_stores(state_dir: Path) -> int:
    """Delete every local store that no process has open, and return how many; the changelog has to bring them back."""
    stores = [path for slot in state_dir.glob("*/slot-*") if slot.is_dir() for path in slot.iterdir()]
    for path in stores:
        shutil.rmtree(path, ignore_errors=True)
    return len(stores)


def truncate_stores(state_dir: Path) -> int:
    """Cut the files with data to their first half; return how many."""
    files = list(_data_files(state_dir))
    for path in files:
        with path.open("r+b") as file:
            file.truncate(path.stat().st_size // 2)
    return len(files)


def corrupt_stores(state_dir: Path) -> int:
    """Overwrite the middle of the files with data; return how many. The sizes stay, so that opening may not notice."""
    files = list(_data_files(state_dir))
    for path in files:
        with path.open("r+b") as file:
            file.seek(path.stat().st_size // 2)
            file.write(_RUBBISH)
    return len(files)


def _data_files(state_dir: Path) -> Iterator[Path]:
    """Yield tables and write-ahead logs that are not empty."""
    for path in sorted(state_dir.glob("*/slot-*/*/*")):
        if path.suffix in {".sst", ".log"} and path.stat().st_size > len(_RUBBISH):
            yield path
