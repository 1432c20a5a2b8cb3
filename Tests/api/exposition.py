"""Reads the text format of Prometheus, version 0.0.4, strictly; knows nothing of the program that wrote it."""

import math
import re

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"')
SUFFIXES = {"counter": [""], "gauge": [""], "histogram": ["_bucket", "_sum", "_count"]}


class Malformed(Exception):
    pass


def read(text):
    """Families by name, each {"type", "help", "samples": [(name, labels, value)]}. Raises Malformed."""
    families, current = {}, None
    if not text.endswith("\n"):
        raise Malformed("the last line has no end")
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            name, _, words = line[7:].partition(" ")
            if name in families or not NAME.fullmatch(name) or not words:
                raise Malformed(line)
            current = families[name] = {"type": None, "help": words, "samples": []}
        elif line.startswith("# TYPE "):
            name, _, kind = line[7:].partition(" ")
            if current is not families.get(name) or current["samples"] or current["type"] or kind not in SUFFIXES:
                raise Malformed(line)
            current["type"] = kind
        else:
            name, labels, value = sample(line)
            family = next((n for n, f in families.items() if f is current and name in [n + s for s in SUFFIXES[f["type"]]]), None)
            if family is None:
                raise Malformed(f"not in its family: {line}")
            current["samples"].append((name, labels, value))
    for name, family in families.items():
        check(name, family)
    return families


def sample(line):
    name = NAME.match(line)
    if not name:
        raise Malformed(line)
    rest, labels = line[name.end():], {}
    if rest.startswith("{"):
        rest = rest[1:]
        while not rest.startswith("}"):
            found = LABEL.match(rest)
            if not found or found[1] in labels:
                raise Malformed(line)
            labels[found[1]] = re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], found[2])
            rest = rest[found.end():]
            rest = rest[1:] if rest.startswith(",") else rest if rest.startswith("}") else "!"
        rest = rest[1:]
    if not re.fullmatch(r" (\+Inf|-Inf|NaN|[-+]?[0-9.]+(e[-+]?[0-9]+)?)", rest):
        raise Malformed(line)
    return name[0], labels, float(rest)


def check(name, family):
    kind, samples = family["type"], family["samples"]
    seen = set()
    for one, labels, value in samples:
        key = (one, tuple(sorted(labels.items())))
        if key in seen:
            raise Malformed(f"twice: {key}")
        seen.add(key)
        if kind == "counter" and not value >= 0:
            raise Malformed(f"a counter below 0: {key}")
        if any(len(v) > 300 or re.fullmatch(r"[0-9a-f]{8}-[0-9a-f-]{27}", v) for v in labels.values()):
            raise Malformed(f"not bounded: {key}")
    if (kind == "counter") != name.endswith("_total"):
        raise Malformed(f"{name} is a {kind}")
    if kind == "histogram":
        check_buckets(name, samples)


def check_buckets(name, samples):
    groups = {}
    for one, labels, value in samples:
        rest = tuple(sorted((k, v) for k, v in labels.items() if k != "le"))
        group = groups.setdefault(rest, {"buckets": []})
        if one.endswith("_bucket"):
            group["buckets"].append((float(labels["le"]), value))
        else:
            group[one[len(name):]] = value
    for rest, group in groups.items():
        bounds, counts = zip(*group["buckets"])
        if list(bounds) != sorted(set(bounds)) or list(counts) != sorted(counts) or bounds[-1] != math.inf:
            raise Malformed(f"{name}{rest}: {group}")
        if counts[-1] != group["_count"] or "_sum" not in group:
            raise Malformed(f"{name}{rest}: {group}")
