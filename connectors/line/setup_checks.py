"""What LINE's console must be set to, as far as its API tells: one finding a line, with what to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from connectors.line.channels import Channel
from connectors.line.client import LineClient
from connectors.line.errors import LineError, Refusal

# Seen only by eye in LINE's consoles; the guide (docs/line.md) says where.
BY_EYE = (
    "Webhookの再送：オン",
    "応答メッセージ：オフ",
    "あいさつメッセージ：オフ",
    "グループ参加：許可しない",
    "エラー統計：オン",
)


@dataclass(frozen=True)
class Finding:
    """One setting: whether it is as it should be, what was found, and what to do (Japanese, for staff)."""

    setting: str
    right: bool
    found: str
    advice: str = ""


async def findings(client: LineClient, webhook: str, *, test: bool = False) -> list[Finding]:
    """Return the state of every setting that LINE tells. `test` has LINE call our webhook. Raises LineError."""
    bot = (await client.call("get_bot_info_with_http_info")).data
    found = [_bot(client.channel, bot), *_chat(bot), await _webhook(client, webhook)]
    if test:
        found.append(await _tested(client))
    return [*found, await _quota(client)]


def _bot(channel: Channel, bot: Any) -> Finding:
    advice = f"LINE_CHANNELS の bot_id を {bot.user_id} にしてください（違うチャネルの鍵かもしれません）。"
    return Finding("ボット", bot.user_id == channel.bot_id, f"{bot.display_name} {bot.basic_id}", advice)


def _chat(bot: Any) -> Sequence[Finding]:
    advice = "LINE Official Account Manager の「応答設定」で「チャット」をオフにしてください。個別の相談はLINEでは受けません。"
    chat = Finding("チャット", bot.chat_mode == "bot", {"bot": "オフ", "chat": "オン"}.get(bot.chat_mode, "?"), advice)
    # With the chat on, messages stay unread until they are marked by hand or by markAsReadToken (L-36).
    advice = "チャットをオフにすると自動で既読になります。"
    read = Finding("自動既読", bot.mark_as_read_mode == "auto", bot.mark_as_read_mode, advice)
    return (chat, read)


async def _webhook(client: LineClient, wanted: str) -> Finding:
    try:
        hook = (await client.call("get_webhook_endpoint_with_http_info", kind="webhook-setting")).data
    except LineError as error:
        if error.refusal is not Refusal.NOT_FOUND:
            raise
        return Finding("Webhook", False, "設定なし", f"`--webhook` を付けて実行すると {wanted} に設定します。")
    if wanted and hook.endpoint != wanted:
        return Finding("Webhook", False, hook.endpoint, f"`--webhook` を付けて実行すると {wanted} に設定します。")
    advice = "LINE Developers コンソールの「Webhookの利用」をオンにしてください。"
    return Finding("Webhook", bool(hook.active), f"{hook.endpoint} {'オン' if hook.active else 'オフ'}", advice)


async def _tested(client: LineClient) -> Finding:
    from linebot.v3.messaging import TestWebhookEndpointRequest

    tested = (await client.call("test_webhook_endpoint_with_http_info", TestWebhookEndpointRequest(), kind="statistics")).data
    advice = "インターネットから届くHTTPSの住所か、証明書、チャネルシークレットを確かめてください。"
    return Finding("Webhookの検証", bool(tested.success), f"{tested.status_code} {tested.reason}", advice)


async def _quota(client: LineClient) -> Finding:
    quota = await client.quota()
    left = "上限なし" if quota.limit is None else f"{quota.limit}通のうち{quota.used}通を使用、残り{quota.left}通"
    advice = "残りがないあいだ、プッシュ（お知らせなど）は届きません。返信は届きます。"
    return Finding("今月のメッセージ", quota.left is None or quota.left > 0, left, advice)


def reminders_cost(residents: int, messages: int) -> Finding:
    """Return what the reminders of the next 30 days will cost."""
    return Finding("ごみの日のお知らせ", True, f"登録{residents}人、これからの30日でおよそ{messages}通（有料メッセージ）")


async def set_webhook(client: LineClient, address: str) -> None:
    """Tell LINE where our webhook is. Raises LineError."""
    from linebot.v3.messaging import SetWebhookEndpointRequest

    await client.call("set_webhook_endpoint_with_http_info", SetWebhookEndpointRequest(endpoint=address), kind="webhook-setting")
