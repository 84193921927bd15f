"""Dashboards over REST: the numbers of the demo organisation, the lists behind them, and a list as a file."""

from __future__ import annotations

import pytest

from tests.support.rest import Service


async def test_a_dashboard_names_what_lies_below_and_above(rest: Service) -> None:
    board = await (await rest.by("orgAdmin").send("GET", "/api/figures/demo-committee")).json()
    assert board["name"] == "演示街道党委"
    assert board["total"]["members"] == sum(child["members"] for child in board["children"])
    assert {"demo-general", "demo-float"} <= {child["orgId"] for child in board["children"]}
    assert set(board["transfers"]) == {"onTheWay", "expiring", "receiptMissing"}
    below = await (await rest.by("orgAdmin").send("GET", "/api/figures/demo-first")).json()
    assert [parent["orgId"] for parent in below["parents"]] == ["demo-committee", "demo-general"]
    assert below["total"]["members"] <= board["total"]["members"]
    own = await (await rest.by("secretary").send("GET", "/api/figures/demo-first")).json()
    assert own["parents"] == []  # a secretary looks at the own branch, not at those above


@pytest.mark.parametrize(
    "query",
    ["", "?behind=away&key=place&value=44", "?behind=late", "?behind=contactOverdue", "?behind=outOfContact", "?behind=idle&days=180",
     "?behind=notHeld&form=THEMED_PARTY_DAY&quarter=3&year=2026"],
)  # fmt: skip
async def test_every_number_has_its_list_and_its_files(rest: Service, query: str) -> None:
    page = await (await rest.by("secretary").send("GET", f"/api/figures/demo-first/lines{query}")).json()
    assert len(page["items"]) == min(page["total"], page["pageSize"])
    more = f"{query}&" if query else "?"
    for kind, beginning in (("xlsx", b"PK"), ("csv", b"\xef\xbb\xbf")):
        answer = await rest.by("secretary").send("GET", f"/api/figures/demo-first/export{more}format={kind}")
        assert (answer.status, (await answer.read())[: len(beginning)]) == (200, beginning)


async def test_taking_a_list_away_is_logged(rest: Service) -> None:
    await rest.by("secretary").send("GET", "/api/figures/demo-first/export?behind=idle&days=90")
    log = await (await rest.by("auditor").send("GET", "/api/access")).json()
    assert "exportFigures" in [line["action"] for line in log["items"]]
