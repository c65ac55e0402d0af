const LOCALE = "en-GB";
const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat(LOCALE, { maximumSignificantDigits: 3 });

/** 12,345 */
export function count(value: number): string {
  return whole.format(value);
}

/** "1 slide", "2 slides" */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A share of 0 to 1 as per cent; one decimal below 10 %, and never 0 for what is there. */
export function percent(share: number): string {
  const value = share * 100;
  if (value > 0 && value < 0.05) return "<0.1\u00a0%";
  return `${value !== 0 && Math.abs(value) < 10 ? value.toFixed(1) : value.toFixed(0)} %`;
}

/** An area given in um2, in the unit that reads best. */
export function area(um2: number): string {
  return um2 >= 100_000 ? `${short.format(um2 / 1_000_000)} mm²` : `${short.format(um2)} µm²`;
}

const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

/** A size in bytes, decimal units. */
export function bytes(value: number): string {
  const power = value < 1 ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(value) / 3));
  return `${short.format(value / 1000 ** power)} ${BYTE_UNITS[power] ?? "B"}`;
}

/** Estimated work in hours, in words. */
export function hours(value: number): string {
  if (value < 1 / 60) return "under a minute";
  if (value < 1) return `about ${plural(Math.max(1, Math.round(value * 60)), "minute")}`;
  const rounded = value < 10 ? Math.round(value * 10) / 10 : Math.round(value);
  return `about ${short.format(rounded)} ${rounded === 1 ? "hour" : "hours"}`;
}

/** How long ago `then` was, seen from `now` (both ms since 1970): "now", "5 min ago", "3 h ago", "2 d ago", then null. */
export function ago(then: number, now: number): string | null {
  const seconds = Math.max(0, (now - then) / 1000);
  if (seconds < 45) return "just now";
  if (seconds < 3_600) return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  if (seconds < 86_400) return `${Math.round(seconds / 3_600)} h ago`;
  if (seconds < 7 * 86_400) return `${Math.round(seconds / 86_400)} d ago`;
  return null;
}

/** A measure of agreement with two digits; what rounds to nothing has no sign. */
export function coefficient(value: number): string {
  const text = value.toFixed(2);
  return text === "-0.00" ? "0.00" : text;
}
