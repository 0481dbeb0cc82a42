"""Check that a wheel holds the package, all of it and nothing else: ``python .ci/check_wheel.py FILE.whl``."""

import sys
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).resolve().parents[1]
ABOUT = {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"}


def check(wheel: Path) -> None:
    """List what is in the wheel, and exit if that is not the source tree and its metadata."""
    with ZipFile(wheel) as archive:
        sizes = {info.filename: info.file_size for info in archive.infolist()}
    about = "-".join(wheel.name.split("-")[:2]) + ".dist-info"
    source = {path for path in (ROOT / "src" / "gde").rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    expected = {path.relative_to(ROOT / "src").as_posix() for path in source} | {f"{about}/{name}" for name in ABOUT}
    folders: dict[str, list[int]] = {}
    for name, size in sizes.items():
        folders.setdefault(str(Path(name).parent), []).append(size)
    for folder, of_files in sorted(folders.items()):
        print(f"{folder:45} {len(of_files):3} files {sum(of_files) / 1000:7.1f} kB")
    if sizes.keys() != expected:
        sys.exit(
            f"{wheel.name} lacks {sorted(expected - sizes.keys())} and should not have {sorted(sizes.keys() - expected)}."
        )


if __name__ == "__main__":
    check(Path(sys.argv[1]))
