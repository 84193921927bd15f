"""The ledger from the command line, with no server running: migrate, load the demo, import, export, verify.

Whoever can run this holds the database in hand, so it acts as the operator, whom no right stops; what it does is logged all the same.
The only place of the ledger that reads the environment (DATABASE_URL) and the clock.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import os
import sys
import time
from pathlib import Path

from .access import OPERATOR
from .actions.nightly import evaluate_ledger
from .actions.rosters import ExportRoster, ImportReport, ImportRoster, export_roster, import_roster
from .commands import audit, keys, purge, roles
from .commands.keysource import key_source
from .commands.opening import Command, with_store
from .demo import DEMO_ACCOUNTS, load_demo
from .keyring import KeysUnusable, open_sealer
from .ports import Store
from .refusals import Refusal, StoreUnavailable
from .store.migrating import migrate

DEFAULT_DATABASE = "sqlite:///var/branchline.db"


async def run_migrate(_arguments: argparse.Namespace, url: str) -> int:
    before, after = await migrate(url)
    print(f"数据库已是最新 · database up to date ({after})" if before == after else f"数据库已升级 · database migrated: {before} → {after}")
    return 0


async def run_demo(_arguments: argparse.Namespace, url: str) -> int:
    async def load(store: Store) -> int:
        if not await load_demo(store, time.time(), open_sealer(key_source())):
            print("数据库中已有账号，未载入演示数据 · accounts exist already, no demo loaded")
            return 0
        print("已载入演示组织 · demo organisation loaded. 演示账号 · demo accounts:")
        for one in DEMO_ACCOUNTS:
            print(f"  {one.username:<10} {one.password:<16} {one.role_zh} · {one.role_en}")
        return 0

    return await with_store(url, load)


async def run_import(arguments: argparse.Namespace, url: str) -> int:
    path = Path(arguments.file)
    command = ImportRoster(path.read_bytes(), path.name, arguments.dry_run, arguments.skip_bad, arguments.accounts is not None)

    async def load(store: Store) -> int:
        report = await import_roster(store, OPERATOR, command, time.time(), open_sealer(key_source()))
        _print_report(report)
        if arguments.accounts is not None and report.applied:
            _write_log_ins(Path(arguments.accounts), report)
        return 0 if report.applied or (report.dry_run and not report.complaints) else 1

    return await with_store(url, load)


async def run_export(arguments: argparse.Namespace, url: str) -> int:
    path = Path(arguments.file)
    file_format = "xlsx" if path.suffix.lower() == ".xlsx" else "csv"

    async def save(store: Store) -> int:
        exported = ExportRoster(None, file_format, arguments.locale, arguments.in_full)
        path.write_bytes(await export_roster(store, OPERATOR, exported, time.time(), open_sealer(key_source())))
        print(path)
        return 0

    return await with_store(url, save)


async def run_evaluate(_arguments: argparse.Namespace, url: str) -> int:
    async def night(store: Store) -> int:
        found = await evaluate_ledger(store, time.time())
        print(f"党员 members {found.members}, 外出 away {found.away}, 新计量的会议 meetings measured {found.meetings_measured}")
        for what, number in sorted((found.dues + found.advice).items()):
            print(f"  {what}: {number}")
        print(f"已发出提醒 · reminders written: {found.reminders}")
        return 0

    return await with_store(url, night)


def _print_report(report: ImportReport) -> None:
    for one in report.complaints:
        print(f"第 {one.line} 行 {one.column}：{one.sentence('zh')} · line {one.line}: {one.sentence('en')} [{one.code}]")
    done = "已导入 · imported" if report.applied else "未导入（试运行） · dry run" if report.dry_run else "未导入 · nothing imported"
    numbers = f"rows {report.rows}, created {report.created}, updated {report.updated}"
    print(f"{done}: {numbers}, unchanged {report.unchanged}, skipped {report.skipped}")


def _write_log_ins(path: Path, report: ImportReport) -> None:
    """One-time passwords, readable by the owner of the file only."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["编号 Number", "姓名 Name", "用户名 Username", "一次性密码 One-time password"])
        writer.writerows([one.number, one.name, one.username, one.password] for one in report.accounts)


def arguments_of(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ledger", description="Branchline 支部连线: the ledger, without a server")
    database = os.environ.get("DATABASE_URL") or os.environ.get("BRANCHLINE_DATABASE_URL") or DEFAULT_DATABASE
    parser.add_argument("--database", default=database, help="sqlite:///path or postgresql://user@host/name (default: DATABASE_URL)")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("migrate", help="bring the database to today's tables").set_defaults(run=run_migrate)
    commands.add_parser("demo", help="load the demo organisation if the database is empty").set_defaults(run=run_demo)
    importing = commands.add_parser("import", help="import a roster (CSV or XLSX)")
    importing.add_argument("file")
    importing.add_argument("--dry-run", action="store_true", help="only list what would happen and what is wrong")
    importing.add_argument("--skip-bad", action="store_true", help="import the good rows even if others are bad")
    importing.add_argument("--accounts", metavar="FILE", help="create accounts too and write their one-time passwords to this file")
    importing.set_defaults(run=run_import)
    exporting = commands.add_parser("export", help="export the roster (.csv or .xlsx)")
    exporting.add_argument("file")
    exporting.add_argument("--locale", choices=("zh", "en"), default="zh")
    exporting.add_argument("--in-full", metavar="REASON", help="ID numbers in full; the reason stays in the log of each member")
    exporting.set_defaults(run=run_export)
    evaluating = commands.add_parser("evaluate", help="evaluate every clock and write reminders; may be run as often as one likes")
    evaluating.set_defaults(run=run_evaluate)
    audit.register(commands)
    keys.register(commands)
    purge.register(commands)
    roles.register(commands)
    return parser.parse_args(argv)


def main(argv: list[str]) -> int:
    arguments = arguments_of(argv)
    run: Command = arguments.run
    try:
        return asyncio.run(_run(run, arguments))
    except Refusal as refusal:
        print(f"拒绝 · refused: {refusal.code} {refusal.params}", file=sys.stderr)
    except KeysUnusable as unusable:
        print(f"密钥不可用 · the keys cannot be used: {unusable}", file=sys.stderr)
    except (StoreUnavailable, OSError) as trouble:
        print(f"无法使用数据库或文件 · database or file unavailable: {trouble}", file=sys.stderr)
    return 1


async def _run(run: Command, arguments: argparse.Namespace) -> int:
    return await run(arguments, arguments.database)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
