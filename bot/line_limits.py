"""What LINE allows: lengths as LINE counts them, how a long text is split or shortened, and what of our content is too long.

LINE counts a text in UTF-16 code units (🍎 is 2) and a label in grapheme clusters (L-27).
"""

from collections.abc import Iterator, Mapping
from urllib.parse import quote, urlsplit

import regex

TEXT, ALT_TEXT, MESSAGES = 5000, 400, 5
QUICK_REPLIES, LABEL, FLEX_LABEL = 13, 20, 40
POSTBACK, URI, BUBBLE_BYTES, BODY_BYTES = 300, 1000, 30_000, 2_000_000
MENU_BAR = 14
_SCHEMES = ("http", "https", "line", "tel")
_CLUSTERS = regex.compile(r"\X")
_UNBREAKABLE = regex.compile(r"https?://[!-~]+|\X")
# Where a text is best split, best first: between paragraphs, lines, sentences, words.
_BREAKS = (
    regex.compile(r"\n\s*\n"), regex.compile(r"\n"), regex.compile(r"[。！？।]|[.!?](?=\s)"), regex.compile(r"[\s、，]"),
)  # fmt: skip


def utf16_length(text: str) -> int:
    """Return the length of a text in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cluster_count(text: str) -> int:
    """Return how many characters a reader sees: a family emoji or a kanji with a variation selector is one."""
    return len(_CLUSTERS.findall(text))


def shortened(text: str, clusters: int) -> str:
    """Return the text within so many grapheme clusters, ending in … where something was left out."""
    found = _CLUSTERS.findall(" ".join(text.split()))
    return "".join(found) if len(found) <= clusters else "".join(found[: clusters - 1]).rstrip() + "…"


def cut(text: str, units: int) -> str:
    """Return the text within so many UTF-16 units, ending in … where something was left out; never inside a character."""
    return text if utf16_length(text) <= units else _head(text, units - 1).rstrip() + "…"


def split_text(text: str, units: int = TEXT) -> list[str]:
    """Return the text in parts of at most so many UTF-16 units, split where a reader would pause.

    Never inside a grapheme cluster, nor inside a URL that fits into a part.
    """
    parts, rest = [], text.strip()
    while utf16_length(rest) > units:
        head = _head(rest, units)
        end = _best_end(head)
        parts.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return [part for part in (*parts, rest) if part]


def _head(text: str, units: int) -> str:
    """Return as much of the text's beginning as fits, in whole clusters and whole URLs (a URL that never fits is cut)."""
    end = used = 0
    for match in _UNBREAKABLE.finditer(text):
        length = utf16_length(match[0])
        if used + length > units:
            break
        end, used = match.end(), used + length
    return text[:end] if end else "".join(_fitting(text, units))


def _fitting(text: str, units: int) -> Iterator[str]:
    used = 0
    for cluster in _CLUSTERS.findall(text):
        used += utf16_length(cluster)
        if used > units:
            return
        yield cluster


def _best_end(head: str) -> int:
    """Return where to end a part: at the last pause in its second half, else at its end."""
    for pause in _BREAKS:
        ends = [match.end() for match in pause.finditer(head) if match.end() > len(head) // 2]
        if ends:
            return int(ends[-1])
    return len(head)


def safe_uri(url: str) -> str | None:
    """Return an address as LINE takes it (percent-encoded), None where it takes none such (L-28)."""
    encoded = quote(url.strip(), safe="%/:=&?~#+!$,;'@()*[]")
    try:
        parts = urlsplit(encoded)
    except ValueError:
        return None
    whole = parts.scheme in _SCHEMES and (parts.netloc or parts.path)
    return encoded if whole and len(encoded) <= URI else None


def aggregation_unit(language: str, kind: str) -> str:
    """Return the fixed name under which LINE counts messages: language and kind, never a person (L-49)."""
    return str(regex.sub("[^a-zA-Z0-9_]", "_", f"{language}_{kind}"))[:30]


def text_problems(texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield (key, what is wrong) for system texts of one language that LINE would refuse or that a button would cut (L-31)."""
    for key, text in texts.items():
        if key == "line.menu.bar" and cluster_count(text) > MENU_BAR:
            yield key, f"{cluster_count(text)} characters; LINE's menu bar takes {MENU_BAR}"
        elif key.startswith(("line.menu.", "line.label.")) and cluster_count(text) > LABEL:
            yield key, f"{cluster_count(text)} characters; a label on LINE takes {LABEL}"
        elif utf16_length(text) > TEXT:
            yield key, f"{utf16_length(text)} UTF-16 units; a message on LINE takes {TEXT}"
