"""Makes crates/domain/data/common-passwords.{txt,bin}, the list of passwords that nobody may choose.

    python3 ci/common-passwords.py PACKAGES   # gathers the list from a folder with the packages named below
    python3 ci/common-passwords.py            # makes the .bin anew from the .txt

The packages come from their registries with `pip download --no-deps Django==5.2.19` and `npm pack
popular-passwords@1.0.3 @zxcvbn-ts/language-common@4.1.3`; crates/domain/data/NOTICE.md names their authors and licences.

The .txt has one password a line: lower case, at least six characters, sorted by bytes. The .bin has the first four
bytes of the SHA-256 of each, sorted and without repetition: a look-up is one binary search, and a password that is not
in the list meets one of them with a chance of (number of lines) / 2^32, about 1 in 60,000.
"""

import gzip
import hashlib
import io
import json
import pathlib
import sys
import tarfile
import unicodedata
import zipfile

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "crates" / "domain" / "data"
LIST = FOLDER / "common-passwords.txt"
HEADS = FOLDER / "common-passwords.bin"
SHORTEST = 6


def of_django(folder):
    wheel = zipfile.ZipFile(next(folder.glob("[Dd]jango-*.whl")))
    return gzip.decompress(wheel.read("django/contrib/auth/common-passwords.txt.gz")).decode().split("\n")


def of_npm(folder, name, path):
    with tarfile.open(next(folder.glob(name))) as package:
        return json.load(io.TextIOWrapper(package.extractfile(path), encoding="utf-8"))


def gather(folder):
    every = of_django(folder)
    every += of_npm(folder, "popular-passwords-*.tgz", "package/data.json")
    every += of_npm(folder, "zxcvbn-ts-language-common-*.tgz", "package/src/passwords.json")
    folded = {unicodedata.normalize("NFC", text.strip()).lower() for text in every}
    kept = {text for text in folded if len(text) >= SHORTEST and text.isprintable()}
    LIST.write_bytes(b"".join(text + b"\n" for text in sorted(text.encode() for text in kept)))


def make():
    lines = LIST.read_bytes().splitlines()
    heads = sorted({hashlib.sha256(line).digest()[:4] for line in lines})
    HEADS.write_bytes(b"".join(heads))
    print(f"{len(lines)} passwords, {len(heads)} heads, {HEADS.stat().st_size} bytes")


if len(sys.argv) == 2:
    gather(pathlib.Path(sys.argv[1]))
make()
