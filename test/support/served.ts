/** A meeting as `booth start` serves it, with people who come to it by the command line: each a process of its own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CaptionMessage, PlayoutMessage, RoomMessage } from '@mediasoup-booth/protocol';
import { speechDir } from '../../scripts/places.mjs';
import { type Ended, type Running, runBooth, startBooth, temporaryFolder } from './booth-process.ts';
import { type SignedIn, signedInBy } from './signed-in.ts';
import { until } from './until.ts';

export const recording = (name: string): string => join(speechDir(process.env), `${name}.wav`);

export const transcriptOf = (name: string): string => {
  const transcripts: Record<string, string> = JSON.parse(recorded('transcript.json'));
  return transcripts[name] ?? '';
};
const recorded = (file: string): string => readFileSync(join(speechDir(process.env), file), 'utf8');

export const textOf = ({ stable, corrected }: CaptionMessage): string => corrected ?? stable;

export class ServedMeeting {
  readonly room = 'hall';
  readonly #environment: Record<string, string>;
  readonly #server: Running;
  readonly #people: Running[] = [];
  #signedIn: Promise<SignedIn> | undefined;

  private constructor(environment: Record<string, string>) {
    const own = { BOOTH_PORT: '0', BOOTH_RTC_PORT: '0', BOOTH_DATA_DIR: temporaryFolder() };
    this.#environment = { ...own, ...environment };
    this.#server = startBooth(['start'], { environment: this.#environment });
  }

  /** Served until the test is over. */
  static async start(environment: Record<string, string> = {}): Promise<ServedMeeting> {
    const meeting = new ServedMeeting(environment);
    await until(() => meeting.#server.output.stdout.includes('\n'));
    return meeting;
  }

  get url(): string {
    return this.#link.origin;
  }

  /** With this a browser has opened the printed link before, and enters as a host. */
  get signedIn(): Promise<SignedIn> {
    this.#signedIn ??= signedInBy(this.url, new URLSearchParams(this.#link.hash.slice(1)).get('code') ?? '');
    return this.#signedIn;
  }

  get #link(): URL {
    return new URL(this.#server.output.stdout.trim());
  }

  /** The server's process. */
  get pid(): number {
    return this.#server.process.pid ?? 0;
  }

  /** What the server has logged. */
  get log(): string {
    return this.#server.output.stderr;
  }

  /** All that the server and everyone who came to it have printed. */
  get everythingPrinted(): string {
    return [this.#server, ...this.#people].map(({ output }) => output.stdout + output.stderr).join('\n');
  }

  /** As Prometheus reads it. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(new URL('/metrics', this.url))).text();
    return Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1]);
  }

  /** The server is told to stop: by a signal, or by Ctrl-C, which reaches all its processes. */
  stop(how: 'SIGTERM' | 'SIGINT' | 'Ctrl-C'): Promise<Ended> {
    if (how === 'Ctrl-C') this.#server.interrupt();
    else this.#server.process.kill(how);
    return this.#server.ended;
  }

  /** Somebody, called Jane if not otherwise, says a recording, in English, and leaves. */
  async say(name: string, who = 'Jane'): Promise<Ended> {
    return this.sayFile(recording(name), who);
  }

  /** The same, of any WAV file. */
  async sayFile(file: string, who = 'Jane'): Promise<Ended> {
    const token = await this.token(who.toLowerCase(), '--name', who, '--speaks', 'en');
    return this.#comes(token, ['speak', file, ...this.#here]).ended;
  }

  /** Lets in who comes otherwise than by the command line. */
  async token(identity: string, ...more: string[]): Promise<string> {
    const args = ['token', '--room', this.room, '--identity', identity, ...more];
    const { stdout } = await runBooth(args, { environment: this.#environment });
    return stdout.trim();
  }

  /** A command on the computer of the server, which has its data folder. */
  command(...args: string[]): Promise<Ended> {
    return runBooth(args, { environment: this.#environment });
  }

  /** Settles when an interpreter has come. */
  async listen(language: string, ...more: string[]): Promise<ServedListener> {
    const token = await this.token(`reader-${language}`);
    const args = ['listen', '--language', language, '--json', ...more, ...this.#here];
    const listener = new ServedListener(this.#comes(token, args));
    await until(() => this.log.includes('interpreter joined the room'));
    return listener;
  }

  /** Reads what a person at a terminal would. */
  async read(language: string): Promise<Running> {
    const token = await this.token(`terminal-${language}`);
    return this.#comes(token, ['listen', '--language', language, ...this.#here]);
  }

  #comes(token: string, args: string[]): Running {
    const person = startBooth(args, { environment: { BOOTH_TOKEN: token } });
    this.#people.push(person);
    return person;
  }

  get #here(): string[] {
    return ['--room', this.room, '--url', this.url];
  }
}

export class ServedListener {
  readonly #listening: Running;

  constructor(listening: Running) {
    this.#listening = listening;
  }

  get messages(): RoomMessage[] {
    const lines = this.#listening.output.stdout.split('\n').slice(0, -1);
    return lines.map((line): RoomMessage => JSON.parse(line));
  }

  get captions(): CaptionMessage[] {
    return this.messages.filter((message) => message.type === 'caption');
  }

  finals(kind: CaptionMessage['kind']): CaptionMessage[] {
    return this.captions.filter((caption) => caption.final && caption.kind === kind);
  }

  /** What the channel began to say, or has said. */
  playouts(state: PlayoutMessage['state']): PlayoutMessage[] {
    return this.messages.filter((message) => message.type === 'playout').filter((playout) => playout.state === state);
  }

  /** How many utterances the channel has said. */
  get said(): number {
    return this.playouts('ended').length;
  }

  stop(): Promise<Ended> {
    this.#listening.process.kill('SIGINT');
    return this.ended;
  }

  get ended(): Promise<Ended> {
    return this.#listening.ended;
  }
}
