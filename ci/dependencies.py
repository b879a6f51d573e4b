#!/usr/bin/env python3
"""Holds the dependency tree against deny.toml: licences, banned crates, sources.

    cargo metadata --locked --format-version 1 | python3 ci/dependencies.py deny.toml

It reads the parts of deny.toml that `cargo deny check licenses bans sources` reads, and needs nothing but Python.
"""
import json
import re
import sys


def satisfied(expression, allowed):
    """Whether a licence expression (SPDX, also with the old "/") can be met with allowed licences only.

    >>> allowed = {"MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "Unicode-3.0"}
    >>> satisfied("MIT OR GPL-3.0", allowed)
    True
    >>> satisfied("MIT AND GPL-3.0", allowed)
    False
    >>> satisfied("(MIT OR Apache-2.0) AND Unicode-3.0", allowed)
    True
    >>> satisfied("MIT/GPL-2.0", allowed)
    True
    >>> satisfied("Apache-2.0 WITH LLVM-exception", allowed)
    True
    >>> satisfied("GPL-2.0 WITH Classpath-exception-2.0 AND MIT", allowed)
    False
    >>> satisfied("GPL-3.0 AND MIT OR Apache-2.0", allowed)
    True
    >>> satisfied("", allowed)
    False
    """
    words = re.findall(r"[()]|[A-Za-z0-9.+-]+", expression.replace("/", " OR "))

    def either():
        result = both()
        while words and words[0] == "OR":
            words.pop(0)
            result = both() or result
        return result

    def both():
        result = one()
        while words and words[0] == "AND":
            words.pop(0)
            result = one() and result
        return result

    def one():
        if not words:
            return False
        word = words.pop(0)
        if word == "(":
            result = either()
            if words:
                words.pop(0)
            return result
        if len(words) > 1 and words[0] == "WITH":
            words.pop(0)
            word = f"{word} WITH {words.pop(0)}"
        return word in allowed

    return either() and not words


def problems(packages, rules):
    """What deny.toml refuses among the packages of `cargo metadata`.

    >>> rules = {"licenses": {"allow": ["MIT"]}, "bans": {"deny": [{"crate": "openssl"}]},
    ...          "sources": {"allow-registry": ["https://example.org/index"]}}
    >>> good = {"name": "a", "version": "1.0.0", "license": "MIT", "source": "registry+https://example.org/index"}
    >>> problems([good], rules)
    []
    >>> problems([{**good, "license": "GPL-3.0"}], rules)
    ['a 1.0.0: licence GPL-3.0 is not among the allowed']
    >>> problems([{**good, "license": None}], rules)
    ['a 1.0.0: names no licence']
    >>> problems([{**good, "name": "openssl"}], rules)
    ['openssl 1.0.0: banned']
    >>> problems([{**good, "source": "git+https://example.org/a"}], rules)
    ['a 1.0.0: comes from git+https://example.org/a']
    """
    licences = rules["licenses"]
    allowed = set(licences["allow"])
    exceptions = {e["crate"]: set(e["allow"]) for e in licences.get("exceptions", [])}
    clarified = {c["crate"]: c["expression"] for c in licences.get("clarify", [])}
    banned = {b["crate"] for b in rules.get("bans", {}).get("deny", [])}
    sources = {f"registry+{s}" for s in rules["sources"]["allow-registry"]}
    found = []
    for package in packages:
        name = f"{package['name']} {package['version']}"
        licence = clarified.get(package["name"], package.get("license"))
        if package["name"] in banned:
            found.append(f"{name}: banned")
        if package["source"] is not None and package["source"] not in sources:
            found.append(f"{name}: comes from {package['source']}")
        if not licence:
            found.append(f"{name}: names no licence")
        elif not satisfied(licence, allowed | exceptions.get(package["name"], set())):
            found.append(f"{name}: licence {licence} is not among the allowed")
    return found


def main():
    import tomllib

    with open(sys.argv[1], "rb") as file:
        rules = tomllib.load(file)
    packages = json.load(sys.stdin)["packages"]
    found = problems(packages, rules)
    for line in found:
        print(line)
    versions = {}
    for package in packages:
        versions.setdefault(package["name"], []).append(package["version"])
    twice = {name: v for name, v in versions.items() if len(v) > 1}
    print(f"{len(packages)} packages, {len(twice)} in more than one version, {len(found)} refused")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
