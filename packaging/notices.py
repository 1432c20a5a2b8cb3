#!/usr/bin/env python3
"""Writes the licences and notices of the packages that are linked into the program.

    packaging/notices.py CHECKOUTS OUTPUT

Each text is quoted once, under the names of all packages that carry it.
"""

import pathlib
import re
import sys

NAMES = re.compile(r"^(LICENSE|LICENCE|NOTICE|COPYING)([.-].*)?$", re.IGNORECASE)
SKIPPED = {"Tests", "tests", "Examples", "Documentation", "docs", "scripts", "dev", ".git", ".github"}

HEAD = """\
What is linked into Freshet besides its own code: the Swift runtime and its Foundation (Apache License 2.0 with
Runtime Library Exception), and packages, each with its licence and notices as it ships them. All that the build resolves
are listed, also those of which nothing is linked.
"""


def texts(package):
    """The files of a package that say on which terms it comes, with their contents."""
    for path in sorted(package.rglob("*")):
        inner = path.relative_to(package)
        if NAMES.match(path.name) and path.is_file() and not SKIPPED.intersection(inner.parts):
            yield str(inner), path.read_text(encoding="utf-8", errors="replace").strip()


def main():
    checkouts, output = map(pathlib.Path, sys.argv[1:])
    owners = {}
    for package in sorted(path for path in checkouts.iterdir() if path.is_dir()):
        found = list(texts(package))
        if not found:
            sys.exit(f"packaging/notices.py: {package.name} says nowhere on which terms it comes")
        for name, text in found:
            owners.setdefault(text, []).append(f"{package.name}: {name}")
    parts = [HEAD]
    for text, names in owners.items():
        parts += ["=" * 100 + "\n" + "\n".join(names) + "\n" + "=" * 100 + "\n", text + "\n"]
    output.write_text("\n".join(parts), encoding="utf-8")


main()
