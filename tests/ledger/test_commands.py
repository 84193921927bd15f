"""Offices from the machine itself: `python -m ledger account` and `role`."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.__main__ import main


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/var/ledger.db")
    monkeypatch.setenv("BRANCHLINE_VAR", f"{tmp_path}/var")
    assert main(["migrate"]) == main(["demo"]) == 0
    capsys.readouterr()
    return tmp_path


@pytest.mark.usefixtures("run")
def test_a_first_security_administrator_is_made_on_the_machine(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["account", "Wardens"]) == 0
    assert "wardens  一次性密码" in capsys.readouterr().out
    assert main(["role", "grant", "wardens", "securityAdmin"]) == 0
    assert main(["role", "grant", "wardens", "orgAdmin", "--org", "DEMO"]) == 1
    assert "rolesConflict" in capsys.readouterr().err
    assert main(["role", "revoke", "wardens", "securityAdmin"]) == 0
    assert main(["role", "grant", "wardens", "auditor", "--org", "DEMO"]) == 0


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["grant", "member1", "securityAdmin"], "roleNeedsOwnAccount"),
        (["grant", "nobody", "securityAdmin"], "notFound"),
        (["grant", "admin", "orgAdmin", "--org", "NOWHERE"], "notFound"),
        (["grant", "admin", "orgAdmin"], "grantNeedsOrganisation"),
    ],
)
def test_what_keeps_offices_apart_holds_for_the_operator_too(arguments: list[str], code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["role", *arguments]) == 1
    assert code in capsys.readouterr().err
