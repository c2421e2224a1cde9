// Flags a My Number or a card number before it leaves the browser (W-30). The service masks them all the same.
export function looksPersonal(text) {
  for (const run of text.normalize("NFKC").match(/\d(?:[ -]?\d){11,18}/g) ?? []) {
    const digits = [...run.replace(/\D/g, "")].map(Number);
    if (digits.length === 12 && isMyNumber(digits)) return true;
    if (digits.length > 12 && isCard(digits)) return true;
  }
  return false;
}

function isMyNumber(digits) {
  const sum = digits.slice(0, 11).reverse().reduce((total, digit, i) => total + digit * (i < 6 ? i + 2 : i - 4), 0) % 11;
  return digits[11] === (sum <= 1 ? 0 : 11 - sum);
}

function isCard(digits) {
  const sum = digits.reverse().reduce((total, digit, i) => total + (i % 2 ? (digit * 2 > 9 ? digit * 2 - 9 : digit * 2) : digit), 0);
  return sum % 10 === 0;
}
