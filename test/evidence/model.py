"""Checks parameters against the whole of a service's model.

botocore's own validator checks types, required members and the lower bounds only; here are enums,
upper bounds and patterns, too.
"""

import re

import regex

from wire import join


def check(value, shape, path):
    """What is wrong with the value, in sentences."""
    if shape is None or value is None:
        return []
    return CHECKS.get(shape.type_name, lambda *_: [])(value, shape, path)


def structure(value, shape, path):
    if not isinstance(value, dict):
        return [f"{path} is {type(value).__name__}, not a structure"]
    wrong = [f"{join(path, name)} is required, and missing" for name in shape.required_members
             if name not in value and not is_streaming(shape, name)]
    if getattr(shape, "is_tagged_union", False) and len(value) != 1:
        wrong.append(f"{path} has {len(value)} members of a union, which must be one")
    for name, inner in value.items():
        wrong += check(inner, shape.members[name], join(path, name))
    return wrong


def is_streaming(shape, name):
    """The bytes of an object are not recorded."""
    return shape.members[name].serialization.get("streaming") or shape.serialization.get("payload") == name and shape.members[name].type_name == "blob"


def listing(value, shape, path):
    if not isinstance(value, list):
        return [f"{path} is {type(value).__name__}, not a list"]
    wrong = within(len(value), shape, path, "items")
    for i, inner in enumerate(value):
        wrong += check(inner, shape.member, f"{path}[{i}]")
    return wrong


def mapping(value, shape, path):
    if not isinstance(value, dict):
        return [f"{path} is {type(value).__name__}, not a map"]
    wrong = within(len(value), shape, path, "entries")
    for key, inner in value.items():
        wrong += check(key, shape.key, f"{path}, a key")
        wrong += check(inner, shape.value, join(path, key))
    return wrong


def text(value, shape, path):
    if not isinstance(value, str):
        return [f"{path} is {value!r}, not text"]
    wrong = within(len(value), shape, path, "characters")
    if shape.enum and value not in shape.enum:
        wrong.append(f"{path} is {value!r}, which is none of {', '.join(shape.enum[:12])}{' …' if len(shape.enum) > 12 else ''}")
    rule = shape.metadata.get("pattern")
    if rule and not matches(rule, value):
        wrong.append(f"{path} is {shorten(value)!r}, which does not match {rule}")
    return wrong


def matches(rule, value):
    """Patterns are Java's and anchored by themselves or not at all; regex knows their classes."""
    try:
        return regex.search(rule, value) is not None
    except regex.error:
        return re.search(rule, value) is not None


def number(value, shape, path):
    whole = shape.type_name in ("integer", "long")
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        return [f"{path} is {value!r}, not a {'whole ' if whole else ''}number"]
    return within(value, shape, path, "")


def flag(value, shape, path):
    return [] if isinstance(value, bool) else [f"{path} is {value!r}, neither true nor false"]


def within(size, shape, path, unit):
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    said = f"{path} is {size}" if not unit else f"{path} has {size} {unit}"
    if low is not None and size < low:
        return [f"{said}, less than {low}"]
    if high is not None and size > high:
        return [f"{said}, more than {high}"]
    return []


def shorten(value):
    return value if len(value) <= 80 else value[:77] + "…"


CHECKS = {
    "structure": structure, "list": listing, "map": mapping, "string": text, "character": text,
    "integer": number, "long": number, "float": number, "double": number, "boolean": flag,
}
