"""When a reader's letter is due: their local day and hour as moments, and the period that each belongs to. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from exchange.storage.digest import Rhythm

COPIES = 7
DAY = timedelta(days=1)
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Plan:
    """How often, on which weekday (Monday is 0), at which hour, in which zone. All who share it are due together."""

    rhythm: Rhythm = Rhythm.WEEKLY
    weekday: int = 0
    hour: int = 8
    zone: str = "UTC"

    def latest(self, at: datetime) -> datetime:
        """The last moment of this plan up to `at`, in UTC.

        An hour that the clocks leave out comes when they have been put on; one that comes twice counts at first.
        """
        return max(moment for moment in self._around(at) if moment <= at)

    def following(self, at: datetime) -> datetime:
        """The first moment of this plan after `at`, in UTC."""
        return min(moment for moment in self._around(at) if moment > at)

    def period(self, moment: datetime) -> str:
        """The period of a moment: the ISO week of the local date, `2026-W48`, or the date for who reads daily."""
        day = moment.astimezone(zone_of(self.zone)).date()
        if self.rhythm is Rhythm.DAILY:
            return day.isoformat()
        year, week, _weekday = day.isocalendar()
        return f"{year}-W{week:02}"

    def _around(self, at: datetime) -> list[datetime]:
        """The moments nearest to `at`, some before and some after."""
        zone = zone_of(self.zone)
        today = at.astimezone(zone).date()
        if self.rhythm is Rhythm.DAILY:
            days = [today + DAY * away for away in (-2, -1, 0, 1, 2)]
        else:
            monday = today - DAY * today.weekday()
            days = [monday + WEEK * away + DAY * self.weekday for away in (-2, -1, 0, 1, 2)]
        return [datetime.combine(day, time(self.hour), tzinfo=zone).astimezone(UTC) for day in days]


@lru_cache(maxsize=1_000)
def zone_of(name: str) -> ZoneInfo:
    """The zone of this name; UTC where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def issue_id(person_id: int, period: str) -> int:
    """The number of a person's issue of a period, made of both. `2026-W48+1` is a copy of `2026-W48`.

    Raises:
        ValueError: this is no period, or one with too many copies.
    """
    first, _plus, copy = period.partition("+")
    year, _dash, rest = first.partition("-")
    weekly = rest.startswith("W")
    day = date.fromisocalendar(int(year), int(rest[1:]), 1) if weekly else date.fromisoformat(first)
    number = int(copy or 0)
    if not 0 <= number <= COPIES:
        raise ValueError(f"There are {COPIES} copies at most.")
    return person_id << 24 | day.toordinal() << 4 | weekly << 3 | number
