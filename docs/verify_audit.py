#!/usr/bin/env python3
"""Checks an audit export of Countersign. Written from docs/audit-format.md alone; needs nothing but Python 3.8.

    verify_audit.py EXPORT [--checkpoint CHECKPOINT.json] [--heads HEADS.json]

Prints the number of entries, the root and every finding. Exit: 0 sound, 1 findings, 2 could not be checked.
"""
import argparse
import hashlib
import json
import struct
import sys

FORMAT = "countersign/audit/1"
FIELDS = ["id", "brand", "chain", "sequence", "at", "actor", "action", "subject", "conversation", "channel",
          "outcome", "detail", "request_id", "policy_version", "previous"]
ZEROS = bytes(32)


def field(value):
    """One field: absent, bytes, or the text of anything else."""
    if value is None:
        return b"\xff\xff\xff\xff"
    data = value if isinstance(value, bytes) else str(value).encode()
    return struct.pack(">I", len(data)) + data


def canonical_bytes(event):
    out = [field(FORMAT)]
    for name in FIELDS:
        value = event[name]
        if name == "detail":
            out.append(field(len(value)))
            for key, text in value.items():
                out += [field(key), field(text)]
        else:
            out.append(field(bytes.fromhex(value) if name == "previous" else value))
    return b"".join(out)


def leaf(data):
    return hashlib.sha256(b"\x00" + data).digest()
def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


class Log:
    """The right edge of the Merkle tree: (height, hash) of its complete subtrees."""
    def __init__(self):
        self.size, self.peaks = 0, []

    def append(self, item):
        height = 0
        while self.peaks and self.peaks[-1][0] == height:
            item, height = node(self.peaks.pop()[1], item), height + 1
        self.peaks.append((height, item))
        self.size += 1

    def root(self):
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        result = self.peaks[-1][1]
        for _, peak in reversed(self.peaks[:-1]):
            result = node(peak, result)
        return result


def parse(line):
    """The entry of a line; an error unless it is in its one form."""
    text = line.decode("utf-8")
    entry = json.loads(text)
    if json.dumps(entry, ensure_ascii=False, separators=(",", ":")) != text:
        raise ValueError("not in its one form")
    if list(entry) != ["event", "hash"] or list(entry["event"]) != FIELDS:
        raise ValueError("not the fields of an entry")
    event = entry["event"]
    numbers = [event["sequence"], event["at"], event["policy_version"]]
    if any(type(number) is not int for number in numbers) or event["sequence"] < 1:
        raise ValueError("not a whole number")
    if list(event["detail"]) != sorted(event["detail"], key=str.encode):
        raise ValueError("facts out of order")
    texts = [event[name] for name in FIELDS if name not in ("sequence", "at", "policy_version", "detail")]
    if any(not (text is None or isinstance(text, str)) for text in texts + list(event["detail"].values())):
        raise ValueError("not a text")
    for text in (entry["hash"], event["previous"]):
        if len(text) != 64 or text != bytes.fromhex(text).hex():
            raise ValueError("not a hash")
    return event, bytes.fromhex(entry["hash"])


def check(export, heads, checkpoint):
    """Returns the log and a list of findings."""
    log, chains, findings, root_then = Log(), {}, [], None
    if checkpoint and checkpoint["size"] == 0:
        root_then = log.root()
    lines = export.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    for number, line in enumerate(lines, 1):
        try:
            event, stored = parse(line)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            findings.append("line %d: unreadable: %s" % (number, error))
            log.append(leaf(line))
        else:
            computed = leaf(canonical_bytes(event))
            last, previous = chains.get(event["chain"], (0, ZEROS))
            where = "line %d: chain %s, entry %d: " % (number, event["chain"], event["sequence"])
            if computed != stored:
                findings.append(where + "edited: its hash is not the stored one")
            if event["sequence"] != last + 1:
                findings.append(where + "expected entry %d: missing, doubled, swapped or inserted" % (last + 1))
            elif event["previous"] != previous.hex():
                findings.append(where + "does not follow from the one before it")
            chains[event["chain"]] = (event["sequence"], stored)
            log.append(computed)
        if checkpoint and log.size == checkpoint["size"]:
            root_then = log.root()
    for chain in sorted(set(chains) | set(heads)) if heads is not None else []:
        last, stored = chains.get(chain, (0, ZEROS))
        head = heads.get(chain, {"sequence": 0, "hash": ZEROS.hex()})
        if (head["sequence"], head["hash"]) != (last, stored.hex()):
            findings.append("chain %s: ends at %d, its head says %d" % (chain, last, head["sequence"]))
    if checkpoint and root_then is None:
        findings.append("the checkpoint counts %d entries, the export has %d" % (checkpoint["size"], log.size))
    elif checkpoint and root_then.hex() != checkpoint["root"]:
        findings.append("the entries do not have the root of the checkpoint")
    return log, findings


def main():
    arguments = argparse.ArgumentParser(description="Checks an audit export of Countersign.")
    arguments.add_argument("export")
    arguments.add_argument("--checkpoint")
    arguments.add_argument("--heads")
    given = arguments.parse_args()
    def load(path):
        return json.load(open(path, encoding="utf-8")) if path else None

    log, findings = check(open(given.export, "rb").read(), load(given.heads), load(given.checkpoint))
    print("entries %d\nroot %s" % (log.size, log.root().hex()))
    print("\n".join(json.dumps(finding)[1:-1] for finding in findings) if findings else "sound")
    return 1 if findings else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, ValueError) as error:
        sys.exit(print("can not check: %s" % error, file=sys.stderr) or 2)
