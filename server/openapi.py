"""OpenAPI 3.1, made from the table of routes and the pydantic shapes: nothing here is written twice.

Every refusal a route may give is listed under its status, with the codes; the session cookie and the CSRF header are its security.
"""

from __future__ import annotations

import re
from typing import Any

from pydantic.json_schema import models_json_schema

from ledger.access import RULES, Action
from server.answers import ANSWERS
from server.http.call import Route
from server.http.door import COOKIE, MOST_UPLOAD
from server.http.routes import ROUTES
from server.schemas.base import RefusalAnswer, Shape
from server.settings import VERSION

Json = dict[str, Any]
REFERENCE = "#/components/schemas/{model}"
ID = {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[A-Za-z0-9_-]+$"}


def document() -> Json:
    shapes = _shapes()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Branchline 支部连线",
            "version": VERSION,
            "description": "Cookie session. Requests that change something carry the header X-CSRF-Token "
            "(`csrfToken` of GET /api/session). Every refusal has a stable code and a sentence in Chinese and English.",
        },
        "paths": _paths(shapes),
        "components": {
            "schemas": shapes["$defs"],
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
                "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF-Token"},
            },
        },
    }


def refusals_of(route: Route) -> tuple[str, ...]:
    """Every code the route may answer with, in the order of the table of answers."""
    codes = {*route.refuses, "internalError", "storeUnavailable"}
    if route.who != "anyone":
        codes |= {"notLoggedIn", "sessionExpired"} | (set() if route.half_open else {"passwordChangeNeeded"})
    if isinstance(route.who, Action):
        codes |= {"forbidden", "notFound"}
    if route.who == "loggedIn":
        codes.add("notFound")  # what is one's own as a member: an account without a member behind it has nothing of the kind
    if "{" in route.path or _names_something(route):
        codes |= {"notFound", "forbidden"}
    if route.changes:
        codes |= {"originRefused", "conflict"} | ({"csrfMismatch"} if route.who != "anyone" else set())
    if route.body or route.upload:
        codes |= {"malformedJson", "tooLarge", "wrongMediaType", "textUnacceptable"}
    return tuple(code for code in ANSWERS if code in codes | {"badRequest"})


def _names_something(route: Route) -> bool:
    given = route.body or route.query
    return given is not None and any(name.endswith("_id") for name in given.model_fields)


def _shapes() -> Json:
    models: dict[type[Shape], None] = {RefusalAnswer: None}
    for route in ROUTES:
        models |= dict.fromkeys(shape for shape in (route.body, route.answer) if shape is not None)
    bodies = {route.body for route in ROUTES}
    wanted = [(model, "validation" if model in bodies else "serialization") for model in models]
    found, defs = models_json_schema(wanted, by_alias=True, ref_template=REFERENCE)  # type: ignore[arg-type]
    return {"$defs": defs["$defs"], "of": {model: schema for (model, _), schema in found.items()}}


def _paths(shapes: Json) -> Json:
    paths: Json = {}
    for route in ROUTES:
        paths.setdefault(f"/api{route.path}", {})[route.method.lower()] = _operation(route, shapes)
    return paths


def _operation(route: Route, shapes: Json) -> Json:
    operation: Json = {
        "operationId": route.name,
        "summary": route.summary,
        "description": _who(route),
        "parameters": [*_path_parameters(route), *_query_parameters(route)],
        "responses": {"200": _success(route, shapes), **_refusals(route, shapes)},
    }
    if route.body:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": shapes["of"][route.body]}}}
    if route.upload:
        file = {"type": "string", "contentMediaType": "application/octet-stream", "maxLength": MOST_UPLOAD}
        schema = {"type": "object", "required": ["file"], "properties": {"file": file}}
        operation["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
    if route.who == "anyone":
        operation["security"] = []
    else:
        operation["security"] = [{"session": [], "csrf": []}] if route.changes else [{"session": []}]
    return operation


def _who(route: Route) -> str:
    if route.who == "anyone":
        return "Anyone."
    if not isinstance(route.who, Action):
        return "Whoever is logged in; one sees what one may see."
    return f"Right `{route.who.value}`, held by: {', '.join(sorted(relation.value for relation in RULES[route.who]))}."


def _path_parameters(route: Route) -> list[Json]:
    return [{"name": name, "in": "path", "required": True, "schema": ID} for name in re.findall(r"{(\w+)}", route.path)]


def _query_parameters(route: Route) -> list[Json]:
    if route.query is None:
        return []
    schema = route.query.model_json_schema(by_alias=True)
    return [{"name": name, "in": "query", "required": False, "schema": one} for name, one in schema["properties"].items()]


def _success(route: Route, shapes: Json) -> Json:
    if route.files:
        content: Json = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in route.files}
        return {"description": "The file", "content": content}
    return {"description": "Done", "content": {"application/json": {"schema": shapes["of"][route.answer]}}}


def _refusals(route: Route, shapes: Json) -> Json:
    by_status: dict[int, list[str]] = {}
    for code in refusals_of(route):
        by_status.setdefault(ANSWERS[code][0], []).append(code)
    schema = shapes["of"][RefusalAnswer]
    return {
        str(status): {
            "description": "\n".join(f"`{code}` – {ANSWERS[code][2]}" for code in codes),
            "content": {"application/json": {"schema": schema}},
        }
        for status, codes in sorted(by_status.items())
    }
