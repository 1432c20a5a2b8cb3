"""The moment at which the samples stand still: a Monday morning in Berlin."""

import hashlib
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 5, 4, 5, 41, tzinfo=timezone.utc)


def iso(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def ago(minutes=0, hours=0, days=0, seconds=0):
    return NOW - timedelta(minutes=minutes, hours=hours, days=days, seconds=seconds)


def local(hour, minute=0, day=0):
    return datetime(2026, 5, 4, hour, minute, tzinfo=BERLIN).astimezone(timezone.utc) + timedelta(days=day)


def fingerprint(*parts):
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:12]
