"""Impact assessments and breaches as rows. Kinds of data are names with commas between them: they are shown, never searched."""

from __future__ import annotations

from sqlalchemy import Column, Date, Double, ForeignKey, Integer, PrimaryKeyConstraint, String, Table, Text

from .tables import ID, metadata

assessments = Table(
    "impact_assessments",
    metadata,
    Column("assessment_id", ID, primary_key=True),
    Column("title", String(300), nullable=False),
    Column("occasion", String(16), nullable=False),
    Column("kinds", String(500), nullable=False),
    Column("necessity", Text, nullable=False),
    Column("impact", Text, nullable=False),
    Column("measures", Text, nullable=False),
    Column("conclusion", String(16), nullable=False),
    Column("assessed_on", Date, nullable=False),
    Column("next_review_on", Date, nullable=False),
    Column("entered_at", Double, nullable=False),
    Column("entered_by", ID, nullable=False),
    Column("follows", ID, ForeignKey("impact_assessments.assessment_id"), unique=True),
)

breaches = Table(
    "breaches",
    metadata,
    Column("breach_id", ID, primary_key=True),
    Column("title", String(300), nullable=False),
    Column("found_at", Double, nullable=False),
    Column("kinds", String(500), nullable=False),
    Column("people", Integer, nullable=False),
    Column("happened", Text, nullable=False),
    Column("harm", Text, nullable=False),
    Column("measures", Text, nullable=False),
    Column("advice", Text, nullable=False),
    Column("contact", Text, nullable=False),
    Column("entered_at", Double, nullable=False),
    Column("entered_by", ID, nullable=False),
    Column("told_at", Double),
    Column("told", Integer, nullable=False),
    Column("closed_at", Double),
    Column("revision", Integer, nullable=False),
)

breach_lines = Table(
    "breach_lines",
    metadata,
    Column("breach_id", ID, ForeignKey("breaches.breach_id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("at", Double, nullable=False),
    Column("account_id", ID, nullable=False),
    Column("text", Text, nullable=False),
    PrimaryKeyConstraint("breach_id", "number"),
)
