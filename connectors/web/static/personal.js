// Flags a My Number, a card or an insurance number before it leaves the browser (W-30). The service masks them all the same.
const RUN = /\d(?:[ -]?\d){5,18}/g;
const CARD_OF_RESIDENCE = /[a-z]{2}[ -]?\d{8}[ -]?[a-z]{2}(?![a-z0-9])/gi;
// Words beside which a number of six digits or more is somebody's own: insured persons' numbers, pension numbers, My Number.
const OWN = new RegExp([
  "保険証|被保険者|記号.{0,2}番号|年金番号|マイナンバー|個人番号|my ?number|insur\\w+ (card|number)", "保险(证|号)|保險(證|號)|보험(증| ?번호)",
  "cartão do seguro|número d[oe] seguro|thẻ bảo hiểm|số bảo hiểm|tarjeta del? seguro", "kartu asuransi|nomor asuransi|बीमा (कार्ड|नम्बर)",
].join("|"), "i");

/** Whether a text holds a number that should not be written here. */
export const looksPersonal = (text) => spans(text).length > 0;

/** The text without those numbers. */
export function withoutNumbers(text) {
  let rest = plain(text);
  for (const [from, to] of spans(text).reverse()) rest = rest.slice(0, from) + rest.slice(to);
  return rest.replace(/ {2,}/g, " ").trim();
}

const plain = (text) => text.normalize("NFKC").replace(/[‐‑‒–—―−ー－](?=\d)/g, "-");

function spans(text) {
  const readable = plain(text);
  const own = OWN.test(readable);
  const found = [...readable.matchAll(CARD_OF_RESIDENCE)];
  for (const match of readable.matchAll(RUN)) {
    const digits = [...match[0].replace(/\D/g, "")].map(Number);
    const telephone = match[0].startsWith("0") && digits.length <= 11;
    const checked = digits.length === 12 ? isMyNumber(digits) : digits.length > 12 && isCard(digits);
    if (checked || (own && !telephone)) found.push(match);
  }
  return found.map((match) => [match.index, match.index + match[0].length]).sort((one, other) => one[0] - other[0]);
}

function isMyNumber(digits) {
  const weighted = digits.slice(0, 11).reverse().map((digit, i) => digit * (i < 6 ? i + 2 : i - 4));
  const sum = weighted.reduce((total, one) => total + one, 0) % 11;
  return digits[11] === (sum <= 1 ? 0 : 11 - sum);
}

function isCard(digits) {
  const doubled = (digit) => (digit * 2 > 9 ? digit * 2 - 9 : digit * 2);
  const sum = [...digits].reverse().reduce((total, digit, i) => total + (i % 2 ? doubled(digit) : digit), 0);
  return new Set(digits).size > 1 && sum % 10 === 0;
}
