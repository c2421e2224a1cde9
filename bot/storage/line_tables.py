"""The tables of LINE: events taken in, residents, messages sent, reminders."""
