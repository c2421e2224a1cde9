"""The registry of public training data: what each file holds, its licence, and whether it may shape a shipped model."""

from dataclasses import dataclass
from typing import Literal

Shape = Literal["translations", "bare", "scored", "labelled", "passages", "articles"]
Kind = Literal["sentence", "lexical", "passage"]


@dataclass(frozen=True)
class Source:
    """One file of public data.

    `file` is relative to the data folder. `shape` says how its rows are read: `translations` (header, lang/text twice),
    `bare` (the same without header), `scored` (two texts and a score 0–5), `labelled` (two texts and an entailment label),
    `passages` (question and passage), `articles` (JSON lines with title and body). `first_rows` keeps the rows before the
    test split of a scored file. `ships` is False where the licence or its purpose forbids training a shipped model on it.
    """

    file: str
    shape: Shape
    licence: str
    credit: str
    kind: Kind = "sentence"
    ships: bool = True
    first_rows: int | None = None
    reason: str = ""


_TATOEBA = "Tatoeba contributors (tatoeba.org)"
_OMW = "Open Multilingual Wordnet and Wiktionary contributors"
_JMDICT = "JMdict, Electronic Dictionary Research and Development Group; Portuguese by elementare/jmdict_portuguese"
_STSB = "STS benchmark (Cer et al. 2017); stsb-multi-mt, Philip May (translations machine-made)"
_KOR = "KorNLI and KorSTS, Kakao Brain (Ham et al. 2020)"
_JGLUE = "JGLUE, Yahoo Japan and Waseda University (Kurihara et al. 2022)"
_OSM = "OpenStreetMap tagging schema contributors"
_LEX = "lexical_and_ui_pairs/"

SOURCES: tuple[Source, ...] = (
    Source("tanaka_graded/tanaka_graded_enja.tsv.gz", "translations", "CC BY-SA 4.0", f"Tanaka corpus, {_TATOEBA}"),
    Source("tatoeba_opus/tatoeba_opus.tsv.gz", "translations", "CC BY 2.0 FR, CC BY-SA 4.0", _TATOEBA),
    Source(_LEX + "manythings.tsv.gz", "bare", "CC BY 2.0 FR", _TATOEBA),
    Source("jec_basic/jec_basic_sentences.tsv.gz", "translations", "CC BY 3.0", "Kyoto University JEC basic sentence data"),
    Source("ntrex/ntrex.tsv.gz", "translations", "CC BY-SA 4.0", "NTREX-128 (Federmann et al. 2022)"),
    Source("tico19/tico19.tsv.gz", "translations", "CC0 1.0", "TICO-19 (Anastasopoulos et al. 2020)"),
    Source("tico19/tico19_terms.tsv", "translations", "CC0 1.0", "TICO-19 terminologies", kind="lexical"),
    Source("flores_v1_nepali/flores_v1_en_ne.tsv.gz", "translations", "CC BY-SA 4.0", "FLoRes v1 (Guzmán et al. 2019)"),
    Source("korean_parallel/korean_parallel.tsv.gz", "translations", "CC BY-SA 3.0", "Korean parallel corpora (Park 2016)"),
    Source("mgsm/mgsm_parallel.tsv.gz", "translations", "CC BY 4.0", "MGSM (Shi et al. 2022)"),
    Source("xsid/xsid_parallel.tsv.gz", "translations", "CC BY-SA 4.0", "xSID (van der Goot et al. 2021)"),
    Source("xquad/xquad_questions_parallel.tsv.gz", "translations", "CC BY-SA 4.0", "XQuAD (Artetxe et al. 2020)"),
    Source("xquad/xquad_question_passage.tsv.gz", "passages", "CC BY-SA 4.0", "XQuAD (Artetxe et al. 2020)", kind="passage"),
    Source("tokyo_covid19_i18n/tokyo_covid19_i18n.tsv.gz", "translations", "MIT", "Tokyo COVID-19 task force website"),
    Source("mozilla_www_l10n/mozilla_www_l10n.tsv.gz", "translations", "MPL-2.0", "mozilla.org localisers"),
    Source("android_i18n/android_i18n.tsv.gz", "translations", "Apache-2.0", "Android Open Source Project", kind="lexical"),
    Source(_LEX + "laravel.tsv.gz", "bare", "MIT", "Laravel-Lang", kind="lexical"),
    Source(_LEX + "omw.tsv.gz", "bare", "CC BY, CC BY-SA", _OMW, kind="lexical"),
    Source(_LEX + "omw_syn.tsv.gz", "bare", "CC BY, CC BY-SA", _OMW, kind="lexical"),
    Source(_LEX + "jmdict_pt.tsv.gz", "bare", "CC BY-SA 4.0", _JMDICT, kind="lexical"),
    Source(_LEX + "jmdict_read.tsv.gz", "bare", "CC BY-SA 4.0", _JMDICT, kind="lexical"),
    Source(_LEX + "osm_schema.tsv.gz", "bare", "ISC", _OSM, kind="lexical"),
    Source(_LEX + "osm_terms.tsv.gz", "bare", "ISC", _OSM, kind="lexical"),
    Source("stsb_multi/stsb_multi_parallel_mt.tsv.gz", "translations", "CC BY-SA 4.0", _STSB),
    Source("stsb_multi/stsb_multi.tsv.gz", "scored", "CC BY-SA 4.0", _STSB, first_rows=5749),
    Source("kor_nlu/korsts_stsb_parallel.tsv.gz", "translations", "CC BY-SA 4.0", f"{_KOR}; {_STSB}"),
    Source("kor_nlu/korsts.tsv.gz", "scored", "CC BY-SA 4.0", _KOR, first_rows=5749),
    Source("kor_nlu/kornli_xnli_dev_test.tsv.gz", "labelled", "CC BY-SA 4.0", _KOR),
    Source("jglue/jsts.tsv.gz", "scored", "CC BY-SA 4.0", _JGLUE, first_rows=12451),
    Source("jglue/jnli_valid_test.tsv.gz", "labelled", "CC BY-SA 4.0", _JGLUE),
    Source("jglue/jsquad_valid_test.tsv.gz", "passages", "CC BY-SA 4.0", _JGLUE, kind="passage"),
    Source("municipal_newsletter_kurashiki/articles.jsonl.gz", "articles", "CC BY 4.0",
           "City of Kurashiki, 広報くらしき; Municipal-Bulletin, Mitsuo Koikawa", kind="passage"),
    Source("bsd/bsd_dev_test.tsv.gz", "translations", "CC BY-NC-SA 4.0", "Business Scene Dialogue corpus", ships=False,
           reason="non-commercial"),
    Source("osm_website_i18n/osm_website_i18n.tsv.gz", "translations", "CC BY 3.0, GPL-2.0", "openstreetmap-website",
           ships=False, reason="GPL project"),
    Source("covid_faq_en/faq_en.tsv.gz", "passages", "Apache-2.0 (collection)", "JHU and deepset COVID FAQ", ships=False,
           reason="the texts belong to the quoted sites; the file beside it is non-commercial"),
    Source("tatoeba_laser/tatoeba_laser.tsv.gz", "translations", "CC BY 2.0 FR", _TATOEBA, ships=False,
           reason="measuring only"),
    Source("localgovfaq_dev/corpus.jsonl", "articles", "none stated", "localgovFAQ, Kyoto University", ships=False,
           reason="measuring only, no licence stated"),
)
"""Every known source; a source that is not listed here is never read."""


def shipping() -> tuple[Source, ...]:
    """The sources that a shipped model may be trained on."""
    return tuple(source for source in SOURCES if source.ships)
