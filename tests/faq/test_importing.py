"""Tables of garbage as cities keep them, and the way back."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from faq.data_files import DataFiles
from faq.errors import ContentError
from faq.garbage.exchange_files import export_files, write_plan
from faq.garbage.files import read_city_garbage, read_lexicon
from faq.garbage.importing import make_plan
from faq.garbage.items import Item, Lexicon
from faq.garbage.plan import Plan
from faq.languages import load_languages

REAL = Path(__file__).parents[3] / "shared/data/garbage_other_cities"
LANGUAGES = load_languages(DataFiles())
LEXICON = Lexicon(
    {
        "pan": Item("pan", {"ja": ("フライパン", "焼き鍋"), "en": ("frying pan",)}, reading="ふらいぱん"),
        "paper": Item("paper", {"ja": ("新聞紙", "新聞")}, reading="しんぶんし"),
        "can": Item("can", {"ja": ("空き缶", "缶")}),
        "tin": Item("tin", {"ja": ("ブリキ缶", "缶")}),
    },
    {},
    {},
)
TARGET = "type,name,notice,furigana\n燃えないごみ,フライパン,紙で包む,ふ\n資源,新聞,,し\n"
AREAS = "地名,センター（使わない場合は空白）,燃えないごみ,資源\n北町,,水1　水3,月 木\n南町,,水2 水4,20261105 *20261203\n"
DESCRIPTION = (
    "label,sublabel,description,styles,bgcolor\n"
    "資源,,<strong>結ぶ</strong>ひもで &amp; まとめて,img/a.svg,#7a1\n燃えないゴミ,,,,#733B96\n"
)
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file and returns its path."""

    def _write(name: str, text: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return _write


def content(plan: Plan) -> tuple[object, ...]:
    """Return what a plan writes."""
    return list(plan.categories.items()), list(plan.districts.items()), plan.closures, dict(plan.sortings)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize("divider", [",", "\t"])
def test_every_encoding_and_divider_gives_the_same_plan(write: Write, encoding: str, divider: str) -> None:
    """UTF-8 with and without its mark, CP932; commas and tabs."""
    texts = {"a": AREAS, "t": TARGET, "d": DESCRIPTION}
    files = [write(name, text.replace(",", divider), encoding) for name, text in texts.items()]
    plan = make_plan(files, LEXICON)
    assert {id_: (c.name["ja"], c.colour) for id_, c in plan.categories.items()} == {
        "resources": ("資源", "#77aa11"), "nonburnable": ("燃えないゴミ", "#733B96"),
    }  # fmt: skip
    assert plan.categories["resources"].how == {"ja": "結ぶ\nひもで & まとめて"}
    assert [(d.name["ja"], d.towns) for d in plan.districts.values()] == [("北町", ("北町",)), ("南町", ("南町",))]
    assert plan.districts["area-1"].schedules["nonburnable"].covers(date(2026, 11, 4))
    assert plan.districts["area-2"].schedules["resources"].covers(date(2026, 12, 3))
    assert {s.item: (s.category, dict(s.remark)) for s in plan.sortings.values()} == {
        "pan": ("nonburnable", {"ja": "紙で包む"}), "paper": ("resources", {}),
    }  # fmt: skip


def test_open_data_with_titles_blank_lines_and_its_own_column_names(write: Write) -> None:
    """A title above the header, full-width spaces, notes in the header, a trailing divider."""
    head = "ごみ分別一覧（令和8年度）,,,\n\n品目名　,分別区分（大）,注意点※,読み\n"
    rows = "　ﾌﾗｲﾊﾟﾝ ,燃やさないごみ,　,ふらいぱん\n,,,\nしんぶんし,古紙,束ねる,\n"
    plan = make_plan([write("open.csv", head + rows)], LEXICON)
    assert plan.sortings["paper"].remark == {"ja": "束ねる"}
    assert {s.item: s.category for s in plan.sortings.values()} == {"pan": "nonburnable", "paper": "paper"}


def test_excel_gives_values_whole_numbers_and_lines(tmp_path: Path) -> None:
    """The first sheet only; a day cell is a day, a formula is its value (here: none was computed)."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["町名", "センター", "資源"], ["北町", None, date(2026, 11, 5)], [None, None, None], ["南町", None, "=1+1"]):
        sheet.append(row)
    book.create_sheet("メモ").append(["not read"])
    book.save(tmp_path / "days.xlsx")
    plan = make_plan([tmp_path / "days.xlsx"], LEXICON)
    assert plan.districts["area-1"].schedules["resources"].days == {date(2026, 11, 5)}
    assert plan.districts["area-2"].schedules == {}


def test_what_cannot_be_matched_is_listed_with_its_row(write: Write) -> None:
    """An unknown name, a name of two items, no bin, and two rows that say different bins; the item's own name beats a synonym."""
    rows = "謎の物,資源\n缶,資源\n空き缶,\n新聞紙,資源\n新聞,燃えるごみ\nフライパン,資源\nフライパン,燃えるごみ\n"
    plan = make_plan([write("t.csv", f"品目,分別\n{rows}")], LEXICON)
    assert [(problem.line, problem.message.split(":")[0]) for problem in plan.unmatched] == [
        (2, "謎の物"), (3, "缶"), (4, "空き缶"), (7, "フライパン"), (8, "フライパン"),
    ]  # fmt: skip
    assert plan.sortings["paper"].category == "resources"


@pytest.mark.parametrize(
    ("name", "text", "line", "told"),
    [
        ("a.csv", AREAS + "西町,,毎日,\n", 4, "collection day"),
        ("a.csv", AREAS + ",,月,\n", 4, "地名"),
        ("a.csv", AREAS + "北町,,金,\n", 4, "line 2"),
        ("a.csv", AREAS + "西町,,月 *1,\n", 4, "remarks.csv"),
        ("a.csv", "地名,センター,資源,資源\n北町,,月,火\n", 1, "twice"),
        ("t.csv", TARGET + "資源,,何か,\n", 4, "no item name"),
        ("t.csv", "色,形\n赤,丸\n", 1, "品目名"),
        ("t.csv", '品目,分別\n"開いたまま,資源\n', 2, "CSV"),
        ("c.csv", "名称,休止開始日,休止終了日\n東,2026/13/1,2027/1/3\n", 2, "2026/12/31"),
        ("e.csv", "\n\n", 1, "no row"),
        ("x.xlsx", "no workbook", 1, "Excel"),
    ],
)
def test_every_mistake_is_named_with_file_and_line(write: Write, name: str, text: str, line: int, told: str) -> None:
    """Nothing of a file with a mistake is used."""
    path = write(name, text)
    with pytest.raises(ContentError) as caught:
        make_plan([path], LEXICON)
    assert [(problem.path, problem.line) for problem in caught.value.problems] == [(path, line)]
    assert told in caught.value.problems[0].message


def test_other_encodings_and_missing_files_are_told(write: Write, tmp_path: Path) -> None:
    """All mistakes at once."""
    with pytest.raises(ContentError) as caught:
        make_plan([write("t.csv", TARGET, "utf-16"), tmp_path / "none.csv"], LEXICON)
    assert [problem.path.name for problem in caught.value.problems] == ["none.csv", "t.csv"]


def test_a_closure_counts_where_all_centres_share_it(write: Write) -> None:
    """The calendar closes the whole city; a closure of one centre is noted, not taken."""
    areas = write("a.csv", "地名,センター,資源\n北町,東,月\n南町,西,火\n")
    centers = "名称,休止開始日,休止終了日\n東,2026/12/31,2027/1/3\n西,2026/12/31,2027/1/3\n西,20270504,20270505\n"
    plan = make_plan([areas, write("c.csv", centers)], LEXICON)
    assert [(c.first, c.last) for c in plan.closures] == [(date(2026, 12, 31), date(2027, 1, 3))]
    assert [problem.line for problem in plan.notes] == [4]


def grouped(write: Write) -> Plan:
    """Make a plan with districts of several towns, a closure, remarks and markup."""
    areas = "地区,地名,センター,燃えるごみ,資源A,資源B\n"
    areas += "東,甲町,中央,月 木,水1,\n東,乙町,中央,月 木,水1,\n東,丙町,中央,火 金,,日1-4 8\n西,丁町,中央,,水2,\n"
    files = {"a.csv": areas, "t.csv": TARGET, "d.csv": DESCRIPTION + "燃えるごみ,,5cm &lt; 10cm<br>切る,,\n"}
    files["c.csv"] = "名称,休止開始日,休止終了日\n中央,2026/12/31,2027/1/3\n"
    return make_plan([write(name, text) for name, text in files.items()], LEXICON)


def test_import_export_import_gives_the_same_plan(write: Write, tmp_path: Path) -> None:
    """What is written is read as it was, and 5374's files hold all of it."""
    plan = grouped(write)
    assert [d.name["ja"] for d in plan.districts.values()] == ["東（甲町ほか）", "東（丙町）", "西"]
    folder, _ = write_plan(plan, tmp_path / "garbage")
    garbage, problems = read_city_garbage(folder, LEXICON, LANGUAGES)
    assert problems == []
    assert (garbage.categories, garbage.sortings) == (plan.categories, plan.sortings)
    assert garbage.calendar.districts == plan.districts
    files, lost = export_files(garbage, LEXICON)
    again = make_plan([write(f"out-{name}", text) for name, text in files.items()], LEXICON)
    assert content(again) == content(plan)
    assert lost == []


def test_what_somebody_wrote_is_never_overwritten(write: Write, tmp_path: Path) -> None:
    """Templates are filled; a file with content stays, and the plan is written beside it."""
    garbage = tmp_path / "garbage"
    garbage.mkdir()
    (garbage / "categories.yaml").write_text("# a template\ncategories: {}\n", encoding="utf-8")
    plan = grouped(write)
    assert write_plan(plan, garbage)[0] == garbage
    assert write_plan(plan, garbage) == (garbage, [])
    mine = "categories: {mine: {name: {ja: 私の}, how: {}}}\n"
    (garbage / "categories.yaml").write_text(mine, encoding="utf-8")
    folder, written = write_plan(plan, garbage)
    assert (folder, len(written)) == (garbage / "imported", 4)
    (folder / "area_days.csv").write_text("district,name_ja,towns\nx,y,z\n", encoding="utf-8")
    assert write_plan(plan, garbage)[0] == garbage / "imported-2"
    assert (garbage / "categories.yaml").read_text(encoding="utf-8") == mine


@pytest.mark.skipif(not REAL.is_dir(), reason=f"SKIPPED FOR WANT OF {REAL}: real tables of other cities")
@pytest.mark.parametrize("city", ["kodaira_ja", "nomi_ja", "takamatsu_ja", "nara_yamatokoriyama_ja"])
def test_real_tables_make_the_round_trip(write: Write, tmp_path: Path, city: str) -> None:
    """Import, write, read, export, import: nothing is lost but what was never matched."""
    lexicon, _ = read_lexicon(DataFiles().nationwide / "garbage", LANGUAGES)
    plan = make_plan(sorted(REAL.glob(f"{city}*.tsv")), lexicon)
    assert len(plan.sortings) > 50
    folder, _ = write_plan(plan, tmp_path / "garbage")
    garbage, problems = read_city_garbage(folder, lexicon, LANGUAGES)
    assert problems == []
    files, _ = export_files(garbage, lexicon)
    assert content(make_plan([write(name, text) for name, text in files.items()], lexicon)) == content(plan)


@pytest.mark.skipif(not REAL.is_dir(), reason=f"SKIPPED FOR WANT OF {REAL}: real tables of other cities")
@pytest.mark.parametrize(("city", "line"), [("kashiwa_ja", 242), ("shimizu_sunto_en", 6)])
def test_real_typos_are_found(city: str, line: int) -> None:
    """A stray sign, a day of nine digits: the line is named."""
    with pytest.raises(ContentError) as caught:
        make_plan([REAL / f"{city}.area_days.tsv"], LEXICON)
    assert [problem.line for problem in caught.value.problems] == [line]
