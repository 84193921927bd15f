"""The routes as the table of docs/api.md: `python -m server.http.listing` prints it, and a test holds the page against it."""

from __future__ import annotations

from ledger.access import RULES, Action
from server.http.call import Route
from server.http.routes import ROUTES
from server.schemas.queries import Pages


def table() -> str:
    head = "| Route | Takes | Gives | Who | Refuses besides |\n|---|---|---|---|---|\n"
    return head + "".join(f"{row(route)}\n" for route in ROUTES)


def row(route: Route) -> str:
    cells = (f"`{route.method} {route.path}`<br>{route.summary}", takes(route), gives(route), who(route), named(route.refuses))
    return f"| {' | '.join(cells)} |"


def takes(route: Route) -> str:
    parts = []
    if route.query is not None:
        names = [field.alias or name for name, field in route.query.model_fields.items()]
        paging = [name for name in names if name in ("page", "pageSize") and issubclass(route.query, Pages)]
        parts.append("?" + " ".join(f"`{name}`" for name in [*(one for one in names if one not in paging), *paging]))
    if route.body is not None:
        parts.append(f"`{route.body.__name__}`")
    if route.upload:
        parts.append("multipart `file`")
    return ", ".join(parts) or "–"


def gives(route: Route) -> str:
    return f"`{route.answer.__name__}`" if route.answer else "a file"


def who(route: Route) -> str:
    if not isinstance(route.who, Action):
        return {"anyone": "anyone", "loggedIn": "logged in"}[route.who]
    return f"`{route.who.value}`: {', '.join(sorted(relation.value for relation in RULES[route.who]))}"


def named(codes: tuple[str, ...]) -> str:
    return " ".join(f"`{code}`" for code in codes) or "–"


if __name__ == "__main__":
    print(table(), end="")
