"""The reference of the API as a page, drawn from its OpenAPI description: nothing is written twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from leadcrm.api.assembly import v1

Schema = Mapping[str, Any]
METHODS = ("get", "post", "patch", "put", "delete")


@dataclass(frozen=True)
class Value:
    """A parameter or field: name, type in words, whether it must be there, what it means, the shape it names."""

    name: str
    type: str
    required: bool
    words: str = ""
    shape: str = ""


@dataclass(frozen=True)
class Shape:
    """A named object with its fields."""

    name: str
    words: str
    fields: list[Value]


@dataclass(frozen=True)
class Answer:
    status: str
    type: str
    shape: str


@dataclass(frozen=True)
class Operation:
    id: str
    method: str
    path: str
    summary: str
    words: str
    scope: str
    parameters: list[Value]
    body: str
    answers: list[Answer]


@dataclass(frozen=True)
class Fact:
    """What a webhook sends of one kind: when, and the fields of its `data`."""

    kind: str
    words: str
    fields: list[Value]


@dataclass(frozen=True)
class Reference:
    """Everything the page says: operations by tag, what webhooks send, shapes by name."""

    groups: dict[str, list[Operation]] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)


@cache
def reference() -> Reference:
    """The whole reference; it changes with the code only."""
    described: Schema = v1.get_openapi_schema()
    known: Mapping[str, Schema] = described["components"]["schemas"]
    groups: dict[str, list[Operation]] = {}
    for path, operations in described["paths"].items():
        for method in METHODS:
            if method in operations:
                one = operations[method]
                groups.setdefault((one.get("tags") or ["Other"])[0], []).append(_operation(path, method, one))
    shapes = [_shape(name, schema) for name, schema in sorted(known.items()) if schema.get("properties")]
    facts = [_fact(kind, one["post"]) for kind, one in described["webhooks"].items()]
    return Reference(groups, facts, shapes)


def _fact(kind: str, one: Schema) -> Fact:
    body = one["requestBody"]["content"]["application/json"]["schema"]
    data = body["properties"]["data"]
    needed = set(data["required"])
    fields = [_value(name, each, {"required": name in needed}) for name, each in data["properties"].items()]
    return Fact(kind, one["summary"], fields)


def _operation(path: str, method: str, one: Schema) -> Operation:
    parameters = [_value(each["name"], each.get("schema", {}), each) for each in one.get("parameters", [])]
    content = one.get("requestBody", {}).get("content", {}).get("application/json", {})
    answers = [
        Answer(str(status), _type(schema), _refers_to(schema))
        for status, answer in one["responses"].items()
        if int(status) < 300
        for schema in [answer.get("content", {}).get("application/json", {}).get("schema", {})]
    ]
    return Operation(
        id=one["operationId"],
        method=method.upper(),
        path=path,
        summary=one["summary"],
        words=" ".join(one.get("description", "").split()),
        scope=one.get("x-scope", ""),
        parameters=parameters,
        body=_refers_to(content.get("schema", {})),
        answers=answers,
    )


def _shape(name: str, schema: Schema) -> Shape:
    needed = set(schema.get("required", []))
    fields = [_value(key, each, {"required": key in needed}) for key, each in schema["properties"].items()]
    return Shape(name, " ".join(schema.get("description", "").split()), fields)


def _value(name: str, schema: Schema, about: Schema) -> Value:
    words = str(about.get("description") or schema.get("description") or "")
    where = f"{about['in']}, " if about.get("in") in {"header", "path"} else ""
    return Value(name, f"{where}{_type(schema)}", bool(about.get("required")), words, _refers_to(schema))


def _type(schema: Schema) -> str:
    """The type in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_type(each) for each in schema["anyOf"]))
    if "enum" in schema:
        return "one of " + ", ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    said = schema.get("type", "anything")
    words = " or ".join(said) if isinstance(said, list) else str(said)
    if schema.get("format"):
        words = str(schema["format"])
    bounds = [f"{name} {schema[key]}" for key, name in BOUNDS.items() if key in schema and abs(schema[key]) < 2**31]
    return f"{words} ({', '.join(bounds)})" if bounds else words


BOUNDS = {"minimum": "from", "maximum": "up to", "minLength": "at least", "maxLength": "at most", "maxItems": "at most"}


def _refers_to(schema: Schema) -> str:
    """The name of the object a schema refers to, at whatever depth; "" for none."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    for inner in (*schema.get("anyOf", ()), schema.get("items", {})):
        if inner and (found := _refers_to(inner)):
            return found
    return ""
