"""Where the files of the contract lie: `schemas/` and `topics/`, in a checkout and in an installed wheel."""

from pathlib import Path
from typing import Literal

_PACKAGE = Path(__file__).resolve().parent


def contract_directory(name: Literal["schemas", "topics"]) -> Path:
    """Return the folder of the contract's files.

    An installed wheel carries them beside this module; a checkout has them at its top. Raises
    `FileNotFoundError` where neither is there, which means a broken installation.
    """
    for folder in (_PACKAGE / "_files" / name, _PACKAGE / name, _PACKAGE.parents[1] / name):
        if folder.is_dir():
            return folder
    msg = f"the contract's {name} are not installed beside {_PACKAGE}"
    raise FileNotFoundError(msg)
