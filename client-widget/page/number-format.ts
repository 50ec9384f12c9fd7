/** Amounts as people of the page's language write them. */
import type { LanguagesResponse } from '../../protocol/rest.ts';
import { locale } from '../i18n/locale.ts';

type Currency = NonNullable<LanguagesResponse['estimate']['prices']>['currency'];

/** Digits that everybody in the room reads alike. */
const tag = () => `${locale.value}-u-nu-latn`;

/** What is below a cent shows too. */
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
