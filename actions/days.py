"""How a day is written in each language: date and weekday, in the order its readers expect."""

from datetime import date

from bot.answers import Request


def day_text(request: Request, day: date) -> str:
    """Return a day such as 11月24日（火） or Tue, 24 November."""
    weekday = request.say(f"weekday.{day.weekday()}")
    month = request.say(f"month.{day.month}")
    return request.say("day", month=month, month_number=day.month, day=day.day, weekday=weekday)
