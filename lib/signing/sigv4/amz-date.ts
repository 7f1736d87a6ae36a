/**
 * `X-Amz-Date`: ISO 8601 in its basic form, UTC, whole seconds. One moment has one spelling here, and a day that no month
 * has is none.
 */
const AMZ_DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/** @returns undefined for what is no whole second from 2001 to 9999 */
export function formatAmzDate(timestampSeconds: number): string | undefined {
  const inRange = Number.isInteger(timestampSeconds) && timestampSeconds >= 1_000_000_000 && timestampSeconds <= 253_402_300_799;
  if (!inRange) return undefined;
  const moment = new Date(timestampSeconds * 1000);
  const day = moment.getUTCFullYear() * 10_000 + (moment.getUTCMonth() + 1) * 100 + moment.getUTCDate();
  const time = moment.getUTCHours() * 10_000 + moment.getUTCMinutes() * 100 + moment.getUTCSeconds();
  return `${day}T${String(time).padStart(6, "0")}Z`;
}

/** @returns whole seconds since the Unix epoch, undefined for any other spelling */
export function parseAmzDate(text: string): number | undefined {
  if (!AMZ_DATE.test(text)) return undefined;
  const timestampSeconds = Date.parse(text.replace(AMZ_DATE, "$1-$2-$3T$4:$5:$6Z")) / 1000;
  return formatAmzDate(timestampSeconds) === text ? timestampSeconds : undefined;
}

/** The day that a derived key and a credential scope are good for. */
export const dayOf = (amzDate: string): string => amzDate.slice(0, 8);
