"""Reads a recorded HTTP request back into an operation of its service, by botocore's models.

botocore only writes requests; this is the other way round, for the protocols that the functions'
services speak. Whatever the request has and the model does not becomes a problem.
"""

import json
import re
import urllib.parse
import xml.etree.ElementTree as ElementTree

import botocore.session

# Headers of HTTP, of signatures and of the SDK itself, which no operation lists as its input.
OF_THE_PROTOCOL = re.compile(
    r"host|user-agent|content-(length|type|encoding)|authorization|accept|accept-encoding|connection|expect|origin|referer"
    r"|sec-.*|amz-sdk-.*|x-amz-(date|content-sha256|security-token|target|user-agent|decoded-content-length|trailer|te)"
    r"|x-amzn-query-mode|x-amzn-trace-id|te|trailer|transfer-encoding|cache-control|pragma|accept-language|range|if-.*|priority|dnt"
)
# What a presigned URL adds to the query, and the SDK's name of the operation.
OF_THE_URL = re.compile(r"X-Amz-(Algorithm|Credential|Date|Expires|SignedHeaders|Signature|Security-Token|Content-Sha256)|x-id")

_session = botocore.session.Session()
_models = {}


class Call:
    """One request, as its service understands it."""

    def __init__(self, record, service, operation, params, problems, presigned):
        self.function = record["function"]
        self.status = record["status"]
        self.service = service  # as it signs: s3, states
        self.operation = operation  # botocore's model of it
        self.params = params
        self.problems = problems  # what the model does not have, in sentences
        self.presigned = presigned

    @property
    def name(self):
        return f"{self.service}:{self.operation.name}"


class Unreadable(Exception):
    """A request that no operation of the service fits."""


def model_of(signing_name):
    """The model of the service that signs its requests with this name."""
    if not _models:
        for service in ("cloudfront", "dynamodb", "mediaconvert", "s3", "sns", "sqs", "stepfunctions"):
            model = _session.get_service_model(service)
            _models[model.signing_name] = model
    if signing_name not in _models:
        raise Unreadable(f"no model is loaded for the service {signing_name}")
    return _models[signing_name]


def signer(headers, query):
    """The service in the signature's scope, and whether the URL was presigned; None for an unsigned request."""
    signed = re.search(r"Credential=[^/]+/\d+/[^/]*/([^/]+)/aws4_request", headers.get("authorization", ""))
    if signed:
        return signed.group(1), False
    if "X-Amz-Credential" in query:
        return query["X-Amz-Credential"][0].split("/")[-2], True
    return None, False


def read(record):
    """The call of a record; None for a request that is not the function's doing.

    Clients use the URLs that a function signs: their preflights, and what they change in a URL so
    that the signature no longer fits or use after its time, is theirs.
    """
    path, _, raw_query = record["uri"].partition("?")
    query = urllib.parse.parse_qs(raw_query, keep_blank_values=True, strict_parsing=False)
    headers = record["headers"]
    service, presigned = signer(headers, query)
    refused = record["status"] >= 400
    if record["method"] == "OPTIONS" or refused and (presigned or service is None):
        return None
    if record["method"] == "HEAD" and path == "/" and service is None:
        return None  # awsbase.Warm, which wants nothing but the connection
    if service is None:
        raise Unreadable(f"{record['method']} {path} was not signed, and carried out")
    model = model_of(service)
    problems = []
    if "x-amz-target" in headers:
        operation = named(model, headers["x-amz-target"].split(".")[-1])
        params = from_json(json.loads(record.get("body") or "{}"), operation.input_shape, "", problems)
    elif "x-www-form-urlencoded" in headers.get("content-type", ""):
        form = urllib.parse.parse_qs(record.get("body", ""), keep_blank_values=True)
        operation = named(model, form["Action"][0])
        params = from_form(form, operation, problems)
    else:
        operation, labels = route(model, record["method"], path, query, headers)
        params = from_rest(model, operation, labels, query, headers, record.get("body", ""), presigned, problems)
    return Call(record, service, operation, params, problems, presigned)


def named(model, name):
    if name not in model.operation_names:
        raise Unreadable(f"{model.signing_name} has no operation {name}")
    return model.operation_model(name)


# ---------------------------------------------------------------- REST

def route(model, method, path, query, headers):
    """The operation that the method, the path and the query name most exactly, and the labels in its path."""
    best = None
    for name in model.operation_names:
        operation = model.operation_model(name)
        if operation.http["method"] != method:
            continue
        template, _, literal = operation.http["requestUri"].partition("?")
        match = pattern(template).fullmatch(path)
        fixed = urllib.parse.parse_qsl(literal, keep_blank_values=True)
        needs = required_of(operation, query, headers)
        if not match or needs is None or any(query.get(key, [None])[0] != value for key, value in fixed):
            continue
        score = (len(fixed), needs, template.count("/"))
        if best is None or score > best[0]:
            best = (score, operation, match.groupdict())
    if best is None:
        raise Unreadable(f"{model.signing_name} has no operation for {method} {path}")
    said = query.get("x-id", [best[1].name])[0]
    if said != best[1].name:
        raise Unreadable(f"{method} {path} reads as {best[1].name}, and says that it is {said}")
    return best[1], {k: urllib.parse.unquote(v) for k, v in best[2].items()}


def pattern(template):
    def label(match):
        name, greedy = match.group(1), match.group(2)
        return f"(?P<{name}>.+)" if greedy else f"(?P<{name}>[^/]+)"

    return re.compile(re.sub(r"\{(\w+)(\+?)\}", label, template.rstrip("/")) + "/?")


def required_of(operation, query, headers):
    """How many parameters in query and headers the operation requires; None when one is missing."""
    count = 0
    shape = operation.input_shape
    for name in shape.required_members if shape else []:
        at = shape.members[name].serialization
        where = {"querystring": query, "header": {k: v for k, v in headers.items()}}.get(at.get("location"))
        if where is None:
            continue
        key = at["name"] if at["location"] == "querystring" else at["name"].lower()
        if key not in where:
            return None
        count += 1
    return count


def from_rest(model, operation, labels, query, headers, body, presigned, problems):
    shape, params = operation.input_shape, {}
    seen_query, seen_headers = set(), set()
    literal = operation.http["requestUri"].partition("?")[2]
    seen_query.update(key for key, _ in urllib.parse.parse_qsl(literal, keep_blank_values=True))
    in_body = {}
    for name, member in (shape.members if shape else {}).items():
        location, key = member.serialization.get("location"), member.serialization.get("name", name)
        if location == "uri":
            if key in labels:
                params[name] = scalar(labels[key], member, name, problems)
        elif location == "querystring":
            if member.type_name == "list" and key in query:
                params[name] = [scalar(v, member.member, name, problems) for v in query[key]]
            elif key in query:
                params[name] = scalar(query[key][0], member, name, problems)
            seen_query.add(key)
        elif location == "header":
            # A presigned URL carries in its query what would be a header.
            value = headers.get(key.lower(), query.get(key, query.get(key.lower(), [None]))[0])
            if value is not None:
                params[name] = value if member.type_name == "list" else scalar(value, member, name, problems)
            seen_headers.add(key.lower())
        elif location == "headers":
            prefix = key.lower()
            params[name] = {k[len(prefix):]: v for k, v in headers.items() if k.startswith(prefix)}
            seen_headers.update(k for k in headers if k.startswith(prefix))
        else:
            in_body[name] = member
    payload = shape.serialization.get("payload") if shape else None
    if payload and payload in in_body:
        if shape.members[payload].type_name == "structure" and body:
            params[payload] = from_body(model, body, shape.members[payload], payload, problems)
    elif in_body and body:
        params.update(from_body(model, body, shape, "", problems, only=in_body))
    elif body and body != "{}":
        problems.append(f"{operation.name} has a body, and the model has none")
    for key in query:
        if key not in seen_query and key.lower() not in seen_headers and not OF_THE_URL.fullmatch(key):
            problems.append(f"{operation.name} has the query parameter {key}, which the model does not")
    for key in headers:
        if key not in seen_headers and not OF_THE_PROTOCOL.fullmatch(key) and not is_checksum(key, operation):
            if not (presigned and not key.startswith("x-amz-")):  # what a browser adds
                problems.append(f"{operation.name} has the header {key}, which the model does not")
    return params


def is_checksum(header, operation):
    """The checksum of a body, which operations take that say with which algorithm it is made."""
    return header.startswith("x-amz-checksum-") and "requestAlgorithmMember" in (operation.http_checksum or {})


def from_body(model, body, shape, path, problems, only=None):
    if model.metadata["protocol"] == "rest-json":
        return from_json(json.loads(body), shape, path, problems, only)
    return from_xml(ElementTree.fromstring(body), shape, path, problems)


def scalar(text, shape, path, problems):
    """A value that came as text, as its shape's type."""
    try:
        if shape.type_name in ("integer", "long"):
            return int(text)
        if shape.type_name in ("float", "double"):
            return float(text)
    except ValueError:
        problems.append(f"{path} is {text!r}, not a number")
        return None
    if shape.type_name == "boolean":
        if text not in ("true", "false"):
            problems.append(f"{path} is {text!r}, neither true nor false")
        return text == "true"
    return text


# ---------------------------------------------------------------- bodies

def from_json(value, shape, path, problems, only=None):
    """The value with the names that the model has for its members."""
    if shape is None:
        return {}
    if shape.type_name == "structure" and not getattr(shape, "is_document_type", False) and isinstance(value, dict):
        members = only if only is not None else shape.members
        names = {m.serialization.get("name", n): n for n, m in members.items()}
        result = {}
        for key, inner in value.items():
            if key not in names:
                problems.append(f"{join(path, key)} is not in the model")
                continue
            result[names[key]] = from_json(inner, members[names[key]], join(path, key), problems)
        return result
    if shape.type_name == "list" and isinstance(value, list):
        return [from_json(v, shape.member, f"{path}[{i}]", problems) for i, v in enumerate(value)]
    if shape.type_name == "map" and isinstance(value, dict):
        return {k: from_json(v, shape.value, join(path, k), problems) for k, v in value.items()}
    return value


def from_xml(element, shape, path, problems):
    if shape.type_name == "structure":
        names = {m.serialization.get("name", n): n for n, m in shape.members.items()}
        flat = {}
        result = {}
        for n, m in shape.members.items():
            if m.type_name == "list" and m.serialization.get("flattened"):
                flat[m.serialization.get("name") or m.member.serialization.get("name", n)] = n
        for child in element:
            tag = child.tag.rpartition("}")[2]
            if tag in flat:
                n = flat[tag]
                result.setdefault(n, []).append(from_xml(child, shape.members[n].member, join(path, tag), problems))
            elif tag in names:
                result[names[tag]] = from_xml(child, shape.members[names[tag]], join(path, tag), problems)
            else:
                problems.append(f"{join(path, tag)} is not in the model")
        return result
    if shape.type_name == "list":
        return [from_xml(child, shape.member, f"{path}[{i}]", problems) for i, child in enumerate(element)]
    if shape.type_name == "map":
        raise Unreadable(f"{path} is a map in XML, which no operation has needed yet")
    return scalar(element.text or "", shape, path, problems)


def from_form(form, operation, problems):
    """The parameters of the query protocol, whose lists and maps are counted in the names."""
    left = {k: v[0] for k, v in form.items() if k not in ("Action", "Version")}
    params = form_value(left, "", operation.input_shape, problems)
    for key in left:
        problems.append(f"{operation.name} has the parameter {key}, which the model does not")
    return params or {}


def form_value(left, prefix, shape, problems):
    """Takes what is under the prefix out of left; None when there is nothing."""
    if shape.type_name == "structure":
        found = {}
        for name, member in shape.members.items():
            value = form_value(left, join(prefix, member.serialization.get("name", name)), member, problems)
            if value is not None:
                found[name] = value
        return found or None
    if shape.type_name in ("list", "map"):
        return form_counted(left, prefix, shape, problems)
    if prefix in left:
        return scalar(left.pop(prefix), shape, prefix, problems)
    return None


def form_counted(left, prefix, shape, problems):
    flat = shape.serialization.get("flattened")
    if shape.type_name == "list":
        base = prefix if flat else join(prefix, shape.member.serialization.get("name", "member"))
        items, n = [], 1
        while (value := form_value(left, f"{base}.{n}", shape.member, problems)) is not None:
            items.append(value)
            n += 1
        return items or None
    base = prefix if flat else join(prefix, "entry")
    found, n = {}, 1
    key_name, value_name = shape.key.serialization.get("name", "key"), shape.value.serialization.get("name", "value")
    while f"{base}.{n}.{key_name}" in left:
        key = left.pop(f"{base}.{n}.{key_name}")
        found[key] = form_value(left, f"{base}.{n}.{value_name}", shape.value, problems)
        n += 1
    return found or None


def join(path, name):
    return f"{path}.{name}" if path else name
