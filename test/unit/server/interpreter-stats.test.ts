import type { ChannelStats, InterpreterStats, SpeakerStats } from '@mediasoup-booth/protocol';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { InterpreterStatsCollector } from '../../../server/interpreter-stats.ts';

const noErrors = { config: 0, account: 0, throttle: 0, transient: 0, content: 0 };
const speaker = (change: Partial<SpeakerStats> = {}): SpeakerStats => ({
  speaker: 'ana',
  packets: { received: 100, dropped: 0, nacked: 4, lost: 3, repaired: 2, late: 1, decodeErrors: 0, garbage: 0 },
  speechDroppedMs: 500,
  speechWaitingMs: 250,
  echoSuppressedMs: 0,
  ...change,
});
const channel = (change: Partial<ChannelStats> = {}): ChannelStats => ({
  language: 'es',
  playedMs: 4000,
  skippedMs: 0,
  underruns: 0,
  queueDelayMs: [300, 900],
  earVoiceSpanMs: [2500],
  ...change,
});
const report = (change: Partial<InterpreterStats> = {}): InterpreterStats => ({
  speakers: [speaker()],
  channels: [channel()],
  sessions: { open: 2, opened: 3, errors: { ...noErrors, throttle: 1 } },
  ...change,
});

describe('what interpreters report', () => {
  const started = () => {
    const registry = new Registry();
    const collector = new InterpreterStatsCollector(registry);
    const value = async (line: string) => {
      const found = (await registry.metrics()).split('\n').find((text) => text.startsWith(`${line} `));
      return found === undefined ? undefined : Number(found.split(' ').at(-1));
    };
    return { collector, value, registry };
  };

  it('adds what is new in a report to the metrics, and nothing for one that comes twice', async () => {
    const { collector, value } = started();
    collector.report('i1', report({ channels: [] }), 1000);
    collector.report('i1', report({ channels: [] }), 6000);
    expect(await value('booth_interpreter_packets_total{outcome="lost"}')).toBe(3);
    collector.report('i1', report({ channels: [], speakers: [speaker({ speechDroppedMs: 1500 })] }), 11_000);
    expect(await value('booth_interpreter_speech_dropped_seconds_total')).toBe(1.5);
    expect(await value('booth_translation_errors_total{class="throttle"}')).toBe(1);
    expect(await value('booth_translation_sessions_opened_total')).toBe(3);
  });

  it('counts from zero again where an interpreter has started again', async () => {
    const { collector, value } = started();
    collector.report('i1', report(), 1000);
    collector.report('i1', report({ sessions: { open: 1, opened: 1, errors: noErrors } }), 2000);
    expect(await value('booth_translation_sessions_opened_total')).toBe(4);
  });

  it('sums what is so at this moment over the interpreters that are there', async () => {
    const { collector, value } = started();
    collector.report('i1', report(), 1000);
    collector.report('i2', report(), 1000);
    expect(await value('booth_translation_sessions_open')).toBe(4);
    expect(await value('booth_interpreter_speech_waiting_seconds')).toBe(0.5);
    collector.remove('i1');
    expect(await value('booth_translation_sessions_open')).toBe(2);
    expect(collector.view('i1')).toBeUndefined();
  });

  it('tells how late the latest event loop is, and of each interpreter how late its own', async () => {
    const { collector, value } = started();
    collector.report('i1', report({ eventLoopDelayMs: 12 }), 1000);
    collector.report('i2', report({ eventLoopDelayMs: 340 }), 1000);
    expect(await value('booth_interpreter_event_loop_delay_seconds')).toBe(0.34);
    expect(collector.view('i1')?.eventLoopDelayMs).toBe(12);
    collector.remove('i2');
    expect(await value('booth_interpreter_event_loop_delay_seconds')).toBe(0.012);
    collector.report('i1', report(), 6000);
    expect(await value('booth_interpreter_event_loop_delay_seconds')).toBe(0);
    expect(collector.view('i1')).not.toHaveProperty('eventLoopDelayMs');
  });

  it('tells how many interpretations an overloaded thread holds back', async () => {
    const { collector, value } = started();
    collector.report('i1', report({ heldBack: { captions: 2, waiting: 3 } }), 1000);
    collector.report('i2', report({ heldBack: { captions: 1, waiting: 0 } }), 1000);
    expect(await value('booth_interpretations_without_voice')).toBe(3);
    expect(await value('booth_interpretations_waiting')).toBe(3);
    expect(collector.view('i1')?.heldBack).toEqual({ captions: 2, waiting: 3 });
  });

  it('tells queue delay and ear-voice span as histograms, and as percentiles of the latest samples', async () => {
    const { collector, value } = started();
    collector.report('i1', report(), 1000);
    collector.report('i1', report({ channels: [channel({ queueDelayMs: [100], earVoiceSpanMs: [] })] }), 6000);
    expect(await value('booth_channel_queue_delay_seconds_bucket{le="0.5"}')).toBe(2);
    expect(await value('booth_channel_queue_delay_seconds_count')).toBe(3);
    expect(await value('booth_channel_ear_voice_span_seconds_sum')).toBe(2.5);
    expect(collector.view('i1')).toMatchObject({
      reportedAt: 6000,
      channels: [{ language: 'es', queueDelayMs: { p50: 300, p95: 900 }, earVoiceSpanMs: { p50: 2500, p95: 2500 } }],
    });
  });

  it('names neither people nor languages in metrics', async () => {
    const { collector, registry } = started();
    collector.report('i1', report(), 1000);
    expect(await registry.metrics()).not.toMatch(/ana|="es"|i1/);
  });
});
