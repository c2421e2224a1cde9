"""Our own engine: language by letters, intents and entries on one index, items by name, values by word lists."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from bot.messages import Conversation
from bot.nlu import Understanding
from bot.nlu.language import LanguageDetector
from bot.nlu.slots import find_slots
from bot.nlu.vocabulary import DateWords
from faq.languages import EASY_JAPANESE, JAPANESE
from faq.release import Release

# Languages less likely than this are not searched.
_LEAST_CHANCE = 0.15
# A question as sure as this is not searched among things besides, unless it names one.
_SETTLED = 0.8
_RECENT = 2048


@dataclass(frozen=True)
class OwnEngine:
    """Understands messages with nothing but the city's content."""

    detector: LanguageDetector
    dates: Mapping[str, DateWords]
    _recent: dict[tuple[str, str, str, str | None, date], Understanding] = field(default_factory=dict, repr=False)

    def understand(self, text: str, conversation: Conversation, release: Release, today: date) -> Understanding:
        """Return what the text means in this talk with this city on this day (Asia/Tokyo).

        Residents ask the same things again and again (ごみ, 住民票): recent texts are not worked out twice.
        """
        asked = (release.id, release.number, text, conversation.language, today)
        if (known := self._recent.get(asked)) is not None:
            return known
        if len(self._recent) >= _RECENT:
            self._recent.clear()
        self._recent[asked] = found = self._understood(text, conversation, release, today)
        return found

    def _understood(self, text: str, conversation: Conversation, release: Release, today: date) -> Understanding:
        candidates = self.detector.candidates(text, conversation.language)
        language = candidates[0][0]
        if language == JAPANESE and conversation.language == EASY_JAPANESE:
            language = EASY_JAPANESE
        likely = [code for code, chance in candidates if chance >= _LEAST_CHANCE] or [language]
        groups = list(dict.fromkeys(release.languages[code].search_group for code in likely[:3]))
        hits = tuple(release.own_first(release.finder.find(text, groups)))
        settled = bool(hits) and hits[0].probability >= _SETTLED
        item = release.items.find(text, language, groups, settled=settled)
        slots = find_slots(text, language, release, self.dates, today)
        return Understanding(text, language, hits, item, slots)


