/** Formats numbers, amounts of money and times of day for the page's language. */
import type { LanguagesResponse } from '@mediasoup-booth/protocol';
import { locale } from '../i18n/locale.ts';

type Currency = NonNullable<LanguagesResponse['estimate']['prices']>['currency'];

/** Latin digits in every language, so that everybody in the room reads them alike. */
const tag = () => `${locale.value}-u-nu-latn`;

/** Shows fractions of a cent for amounts below 1. */
export const formatMoney = (amount: number, currency: Currency): string =>
  new Intl.NumberFormat(tag(), {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    maximumFractionDigits: amount > 0 && amount < 1 ? 3 : 2,
  }).format(amount);

export const formatNumber = (value: number, fractionDigits = 0): string =>
  new Intl.NumberFormat(tag(), {
    minimumFractionDigits: fractionDigits,
    maximumFractionDigits: fractionDigits,
  }).format(value);

/** The time of day here. @param seconds since 1970 */
export const formatTime = (seconds: number): string =>
  new Intl.DateTimeFormat(tag(), { hour: 'numeric', minute: '2-digit' }).format(seconds * 1000);

const MINUTES_AS_SUCH = 120;

/** A length of time in minutes, from two hours on in hours. */
export function formatDuration(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  const [amount, unit] = minutes < MINUTES_AS_SUCH ? [minutes, 'minute'] : [minutes / 60, 'hour'];
  return new Intl.NumberFormat(tag(), { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 1 }).format(
    amount,
  );
}
