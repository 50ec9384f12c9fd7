/** How far a translation is, in one line for people. Pure. */

export interface Progress {
  doneSeconds: number;
  /** Undefined where nothing says it. */
  totalSeconds: number | undefined;
  elapsedSeconds: number;
  /** Where the work began: a resumed translation has done what is before it earlier. */
  fromSeconds: number;
  /** Such as `USD 0.0312`; undefined where it is not known. */
  cost: string | undefined;
  lostSeconds: number;
}

const BAR = 20;

/** @example progressLine({ doneSeconds: 60, totalSeconds: 120, elapsedSeconds: 60, fromSeconds: 0, cost: undefined, lostSeconds: 0 }) */
export function progressLine(progress: Progress): string {
  const { doneSeconds, totalSeconds, elapsedSeconds, fromSeconds, cost, lostSeconds } = progress;
  const parts = [clockTime(doneSeconds) + (totalSeconds === undefined ? '' : ` of ${clockTime(totalSeconds)}`)];
  const rate = (doneSeconds - fromSeconds) / elapsedSeconds;
  if (totalSeconds !== undefined && rate > 0 && elapsedSeconds > 2)
    parts.push(`${clockTime(Math.max(0, totalSeconds - doneSeconds) / rate)} left`);
  if (cost !== undefined) parts.push(cost);
  if (lostSeconds > 0) parts.push(`${lostSeconds.toFixed(1)} s lost`);
  return (totalSeconds === undefined ? '' : `${bar(doneSeconds / totalSeconds)} `) + parts.join(' · ');
}

function bar(share: number): string {
  const filled = Math.round(BAR * Math.max(0, Math.min(1, share)));
  return `[${'='.repeat(filled)}${' '.repeat(BAR - filled)}]`;
}

/** `1:02:03`, `2:03` */
export function clockTime(seconds: number): string {
  const whole = Math.floor(seconds);
  const two = (n: number) => String(n).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
