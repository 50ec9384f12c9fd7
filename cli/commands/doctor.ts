import { boothCommand } from '../arguments.ts';
import { chooseEngine } from '../engine-choice.ts';
import { CommandError } from '../errors.ts';
import { readSettings } from '../settings.ts';
import { checkSystem, type Finding } from '../system-check.ts';

const signs: Readonly<Record<Finding['state'], string>> = {
  fine: 'ok',
  old: 'OLD',
  missing: 'MISSING',
  taken: 'IN USE',
  optional: 'not here',
};

export const doctor = boothCommand('doctor')
  .description('Says what Booth needs of this computer, what of it is missing, and how to get it.')
  .action(async () => {
    const settings = readSettings();
    const choice = chooseEngine(settings.config, settings.environment);
    const findings = await checkSystem(settings, choice);
    const width = Math.max(...findings.map(({ subject }) => subject.length));
    for (const { subject, state, detail, remedy } of findings) {
      console.log(`${signs[state].padEnd(8)}  ${subject.padEnd(width)}  ${detail}`);
      if (remedy) console.log(`${' '.repeat(width + 12)}→ ${remedy}`);
    }
    console.log(`\n${choice.view.label}`);
    const count = (wanted: Finding['state']) => findings.filter(({ state }) => state === wanted).length;
    const [missing, taken] = [count('missing'), count('taken')];
    if (missing + taken > 0) throw new CommandError(`of what Booth needs, ${missing} missing and ${taken} in use`);
  });
