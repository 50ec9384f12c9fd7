/**
 * What people read: of the simulated vendor, which revises its texts in the manner of each generation, in fake time; and of the
 * offline engine, to which recorded people speak, in real time.
 */
import { type DialectName, type Model, qwen3, qwen35, qwen38 } from '../../config/models.ts';
import { Random } from '../../engine/scripted/random.ts';
import { SimulatedMeeting } from '../support/simulated-meeting.ts';
import { type Bench, percentile } from './bench.ts';
import { Readers, type Reading } from './caption-watch.ts';
import { readHumanSpeech } from './human-captions.ts';

const SIMULATED_MINUTES = 5;
const HUMAN_MINUTES = 1;

export const captionsBench: Bench = {
  key: 'captions',
  about: 'the captions of a service that revises, and of a minute of human speech through the offline engine',
  warmUp: 0,
  repetitions: 3,
  async run(repetition) {
    const seed = repetition + 1;
    const services: Record<string, Figures> = {};
    for (const model of [qwen3, qwen35, qwen38]) {
      services[nameOf(model.dialect)] = worst(await readRevisions(model, { minutes: SIMULATED_MINUTES, seed }));
    }
    services.offline = worst(await readHumanSpeech({ minutes: HUMAN_MINUTES, seed, voices: 1 }));
    const each = Object.entries(services).flatMap(([service, figures]) =>
      Object.entries(figures).map(([name, value]) => [`${service}.${name}`, value] as const),
    );
    return { ...worstOf(Object.values(services)), ...Object.fromEntries(each) };
  },
};

type Figures = Record<'erased' | 'stable.p50' | 'stable.p95' | 'corrected', number>;

/** A point would make a branch of it. */
const nameOf = (dialect: DialectName): string => dialect.replace('.', '_');

/** Somebody speaks to one generation of the simulated vendor: its originals, and its translations. */
export async function readRevisions(
  { id }: Pick<Model, 'id'>,
  { minutes, seed }: { minutes: number; seed: number },
): Promise<Reading[]> {
  const readers = new Readers();
  const meeting = new SimulatedMeeting({
    model: id,
    seed,
    // Twice as often as it is known to.
    script: { answer: { revises: 0.6, holdsBack: 0.5 } },
    witness: {
      caption: (_speaker, _target, caption) => readers.see(caption, meeting.clock.now()),
      voice() {},
      state() {},
      fed() {},
    },
  });
  const random = new Random(seed);
  const ann = meeting.person('ann', [{ source: 'en', target: 'es', audio: true }]);
  while (meeting.clock.now() < minutes * 60_000)
    await meeting.hears(ann, meeting.words(random.between(3, 40)), random.between(300, 3000));
  await meeting.passes(30_000);
  meeting.close();
  return readers.readings;
}

export const figuresOf = ({ erased, toStableMs, finals, corrected }: Reading): Figures => ({
  erased,
  'stable.p50': percentile(toStableMs, 0.5),
  'stable.p95': percentile(toStableMs, 0.95),
  corrected: corrected / Math.max(1, finals),
});

/** None may miss what another reaches. */
export const worst = (readings: readonly Reading[]): Figures => worstOf(readings.map(figuresOf));

function worstOf(all: readonly Figures[]): Figures {
  const most = (name: keyof Figures): number => Math.max(...all.map((figures) => figures[name]));
  return {
    erased: most('erased'),
    'stable.p50': most('stable.p50'),
    'stable.p95': most('stable.p95'),
    corrected: most('corrected'),
  };
}
