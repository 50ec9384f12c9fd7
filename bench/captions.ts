/**
 * Measures how steady captions are: those of the simulated vendor, which revises its texts as each model generation does, in fake time;
 * and those of the offline engine, from recorded human speech.
 */
import { type DialectName, type Model, qwen3, qwen35, qwen38 } from '../config/models.ts';
import { Random } from '../engine/scripted/random.ts';
import { type Bench, percentile } from './bench.ts';
import { type CaptionMetrics, CaptionWatchByKind, type MetricsByKind } from './caption-watch.ts';
import { measureHumanSpeech } from './human-captions.ts';
import { SimulatedMeeting } from './support/simulated-meeting.ts';
import { audienceOf, person } from './support/views.ts';

const SIMULATED_MINUTES = 5;
const HUMAN_MINUTES = 1;

export const captionsBench: Bench = {
  key: 'captions',
  about: 'the captions of a service that revises, and of a minute of human speech through the offline engine',
  repetitions: 3,
  async run(repetition) {
    const seed = repetition + 1;
    const services: Record<string, Figures> = {};
    for (const model of [qwen3, qwen35, qwen38]) {
      services[nameOf(model.dialect)] = figuresOf(await measureRevisions(model, { minutes: SIMULATED_MINUTES, seed }));
    }
    services.offline = figuresOf(await measureHumanSpeech({ minutes: HUMAN_MINUTES, seed }));
    const each = Object.entries(services).flatMap(([service, figures]) =>
      Object.entries(figures).map(([name, value]) => [`${service}.${name}`, value] as const),
    );
    return { ...worstOf(Object.values(services)), ...Object.fromEntries(each) };
  },
};

type Figures = Record<'erased' | 'stable.p50' | 'stable.p95' | 'corrected' | 'correctedOriginals', number>;

/** Points separate the parts of a figure's name, so a dialect's name must not contain one. */
const nameOf = (dialect: DialectName): string => dialect.replace('.', '_');

/** Holds a meeting with one speaker through one model generation of the simulated vendor, and measures its captions. */
export async function measureRevisions(
  { id }: Pick<Model, 'id'>,
  { minutes, seed }: { minutes: number; seed: number },
): Promise<MetricsByKind> {
  const watch = new CaptionWatchByKind();
  const meeting = await SimulatedMeeting.start([person('ann'), ...audienceOf('es')], {
    model: id,
    seed,
    // Revisions are made twice as often as observed with the real service.
    script: { answer: { revises: 0.6, holdsBack: 0.5 } },
    onCaption: (caption) => watch.see(caption, meeting.clock.now()),
  });
  const random = new Random(seed);
  const ann = meeting.speaker('ann');
  while (meeting.clock.now() < minutes * 60_000)
    await meeting.utters(ann, meeting.words(random.between(3, 40)), random.between(300, 3000));
  await meeting.passTime(30_000);
  meeting.close();
  return watch.metrics;
}

/** Times are those of originals or translations, whichever take longer. `corrected` is the share of all finals that were corrected. */
export function figuresOf({ originals, translations }: MetricsByKind): Figures {
  const both = [originals, translations];
  const slower = (quantile: number): number =>
    Math.max(...both.map(({ toStableMs }) => percentile(toStableMs, quantile)));
  return {
    erased: originals.erased + translations.erased,
    'stable.p50': slower(0.5),
    'stable.p95': slower(0.95),
    corrected: correctedOf(both),
    correctedOriginals: correctedOf([originals]),
  };
}

const correctedOf = (metrics: readonly CaptionMetrics[]): number =>
  sum(metrics.map(({ corrected }) => corrected)) / Math.max(1, sum(metrics.map(({ finals }) => finals)));

/** The worst value of each figure: every service must reach the target. */
function worstOf(services: readonly Figures[]): Figures {
  const most = (name: keyof Figures): number => Math.max(...services.map((figures) => figures[name]));
  return {
    erased: most('erased'),
    'stable.p50': most('stable.p50'),
    'stable.p95': most('stable.p95'),
    corrected: most('corrected'),
    correctedOriginals: most('correctedOriginals'),
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
