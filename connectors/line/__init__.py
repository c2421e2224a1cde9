"""The LINE channel: the webhook of each city, and what is sent through LINE's Messaging API."""

from fastapi import FastAPI

from bot.messages import BotError


def mount(app: FastAPI) -> None:
    """Add the channel to the application, where a city has one. Raises BotError for a channel of a city that is not served."""
    if not app.state.settings.line_channels:
        return
    from connectors.line import beside, intake, running  # late: a service without LINE starts without its parts

    office = running.open_office(app.state.handler, app.state.settings)
    known = app.state.handler.service.releases
    if unknown := sorted(office.channels.keys() - known.keys()):
        hint = f"この設定で開いている市 (served): {', '.join(sorted(known))}"
        raise BotError("line_channels", f"LINE_CHANNELS: {', '.join(unknown)} は開いていない市です (not served)", hint, 500)
    app.state.line = office
    app.include_router(intake.router)
    works = {"within": running.work, "beside": beside.work}
    if office.channels and (work := works.get(beside.where_to_work(app.state.settings))):
        app.state.work.append(work)
