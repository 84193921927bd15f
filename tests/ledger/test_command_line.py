"""`python -m ledger`, run as one would, on a database in a temporary folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.__main__ import main


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/var/ledger.db")
    monkeypatch.setenv("BRANCHLINE_VAR", f"{tmp_path}/var")
    return tmp_path


def test_migrate_demo_verify_export_import(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate"]) == 0
    assert "None → 00" in capsys.readouterr().out
    assert main(["migrate"]) == 0
    assert "up to date" in capsys.readouterr().out
    assert main(["demo"]) == 0
    assert "branchline-demo" in capsys.readouterr().out
    assert main(["demo"]) == 0
    assert "no demo loaded" in capsys.readouterr().out
    assert main(["audit", "verify"]) == 0
    assert "0 broken" in capsys.readouterr().out
    for name in ("roster.csv", "roster.xlsx"):
        assert main(["export", str(run / name)]) == 0
        capsys.readouterr()
        assert main(["import", str(run / name)]) == 0
        assert "unchanged 27, skipped 0" in capsys.readouterr().out


def test_an_import_writes_passwords_where_only_the_owner_reads_them(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["migrate"])
    main(["demo"])
    roster, log_ins = run / "new.csv", run / "passwords.csv"
    roster.write_text("编号,姓名,所在支部代码\nN01,新人,DEMO-1\nN02,,DEMO-1\n")
    capsys.readouterr()
    assert main(["import", str(roster), "--accounts", str(log_ins)]) == 1
    assert "[required]" in capsys.readouterr().out
    assert not log_ins.exists()
    assert main(["import", str(roster), "--dry-run"]) == 1
    capsys.readouterr()
    assert main(["import", str(roster), "--skip-bad", "--accounts", str(log_ins)]) == 0
    assert "created 1, updated 0, unchanged 0, skipped 1" in capsys.readouterr().out
    assert log_ins.stat().st_mode & 0o777 == 0o600
    assert "N01,新人,n01," in log_ins.read_text(encoding="utf-8-sig")


def test_trouble_is_told_and_is_not_success(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", str(run / "nowhere.csv")]) == 1
    assert "unavailable" in capsys.readouterr().err
    assert main(["audit", "verify"]) == 1  # no such folder
    assert "no folder" in capsys.readouterr().err
    (run / "var").mkdir()
    assert main(["audit", "verify"]) == 1  # never migrated
    assert "no such table" in capsys.readouterr().err


def test_the_night_is_evaluated_and_tells_nobody_twice(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["migrate"])
    main(["demo"])
    capsys.readouterr()
    assert main(["evaluate"]) == 0
    first = capsys.readouterr().out
    assert "contact escalated: 2" in first  # the member in Berlin, and the one searched for
    assert "suspension: 1" in first
    assert "lapse" not in first
    assert main(["evaluate"]) == 0
    assert "reminders written: 0" in capsys.readouterr().out
