"""Write the table of metrics in `docs/operations.md` anew: `python -m streams.ops.metric_table`."""

from pathlib import Path
from typing import Final

from streams.ops.declared import metrics_table

PAGE: Final = Path(__file__).parents[2] / "docs" / "operations.md"
BEGIN: Final = "<!-- metrics -->\n"
END: Final = "\n<!-- end of metrics -->"


def main() -> None:
    """Put the table between its marks."""
    head, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    _, _, tail = rest.partition(END)
    PAGE.write_text(f"{head}{BEGIN}{metrics_table().rstrip()}{END}{tail}", "utf-8")


if __name__ == "__main__":
    main()
