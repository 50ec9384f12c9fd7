/** What the dashboard and the alerts ask for is what the server counts. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { WorkerEndpoint } from '../../../cluster/worker-endpoint.ts';
import { repository } from '../../../scripts/places.mjs';
import { Metrics } from '../../../server/metrics.ts';

interface Dashboard {
  uid: string;
  panels: { id: number; title: string; targets: { expr: string; datasource: { uid: string } }[] }[];
}
interface Rules {
  groups: {
    rules: { alert: string; expr: string; labels: { severity: string }; annotations: { summary: string } }[];
  }[];
}

const file = (path: string): string => readFileSync(join(repository, 'deploy', path), 'utf8');
const dashboard = JSON.parse(file('grafana/dashboards/booth.json')) as Dashboard;
const alerts = ['prometheus/alerts.yml', 'prometheus/cluster-alerts.yml'].flatMap((path) =>
  (parse(file(path)) as Rules).groups.flatMap(({ rules }) => rules),
);
const expressions = [
  ...dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ where: title, expr }))),
  ...alerts.map(({ alert, expr }) => ({ where: alert, expr })),
];

/** Of what redis_exporter says. */
const ofRedis = [
  'redis_up',
  'redis_commands_processed_total',
  'redis_connected_clients',
  'redis_memory_used_bytes',
  'redis_memory_max_bytes',
];

async function workersText(): Promise<string> {
  const view = {
    cores: 1,
    cpu: 0,
    eventLoopDelayMs: 0,
    freeMemoryMb: 0,
    rooms: 0,
    capacity: 1,
    newRooms: 0,
    maxCpu: 1,
  };
  const endpoint = await WorkerEndpoint.open({
    host: '127.0.0.1',
    port: 0,
    view: () => ({ ...view, id: 'worker', host: 'a-computer', draining: false }),
    isRedisReady: () => true,
  });
  const response = await fetch(`http://127.0.0.1:${endpoint.port}/metrics`);
  const text = await response.text();
  await endpoint.close();
  return text;
}

/** The names of the series that Prometheus gets of a server, a worker and Redis. */
async function served(): Promise<Set<string>> {
  const ofServer = await new Metrics().text(
    {
      rooms: 0,
      participants: 0,
      interpreters: 0,
      failedInterpreters: 0,
      pipes: 0,
      edges: 0,
      queuedInterpreters: 0,
      mediaWorkers: { running: 1, wanted: 1 },
      budgetUsed: 0,
      connectQueueLength: 0,
    },
    [],
  );
  const types = [...`${ofServer}\n${await workersText()}`.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  return new Set([
    // Prometheus makes this one of each target.
    'up',
    ...ofRedis,
    ...types.flatMap(([, name = '', type]) =>
      type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => `${name}${end}`) : [name],
    ),
  ]);
}

/** The metrics in an expression: what is neither a function, nor a label, nor a word of the language. */
function metricsIn(expression: string): string[] {
  const bare = expression
    .replaceAll(/\{[^}]*\}/g, ' ')
    .replaceAll(/\[[^\]]*\]/g, ' ')
    .replaceAll(/\b(by|without|ignoring|on) \([^)]*\)/g, ' ')
    .replaceAll(/\b(ignoring|on)\([^)]*\)/g, ' ');
  return [...bare.matchAll(/[a-z_]\w*(?!\w*\s*\()/g)]
    .map(([name]) => name)
    .filter((name) => !/^(\d|(and|or|unless)$)/.test(name));
}

describe('the dashboard and the alerts', () => {
  it('ask for metrics that the server has', async () => {
    const names = await served();
    expect(expressions.length).toBeGreaterThan(30);
    for (const { where, expr } of expressions) {
      const used = metricsIn(expr);
      expect(used.length, `${where}: ${expr}`).toBeGreaterThan(0);
      expect(
        used.filter((name) => !names.has(name)),
        `${where}: ${expr}`,
      ).toEqual([]);
    }
  });

  it('are checked by a test that notices a metric which there is not', () => {
    expect(metricsIn('sum by (le) (rate(booth_no_such_total{a="b"}[5m])) > 2')).toEqual(['booth_no_such_total']);
    expect(metricsIn('a_metric < ignoring(state) another{state="x"}')).toEqual(['a_metric', 'another']);
  });

  it('show every metric of Booth’s own', async () => {
    const own = [...(await served())].filter((name) => /^booth_/.test(name) && !/_(sum|count)$/.test(name));
    const asked = new Set(expressions.flatMap(({ expr }) => metricsIn(expr)));
    // How much echo is silenced says nothing of how the server fares, and gaps of phrases stand beside what is skipped.
    const notShown = [
      'booth_channel_underruns_total',
      'booth_interpreter_echo_suppressed_seconds_total',
      'booth_session_connection_wait_seconds_bucket',
      'booth_translation_sessions_opened_total',
      // Only where webhooks are set up: see docs/webhooks.md.
      'booth_webhooks_abandoned_total',
      'booth_webhooks_attempts_total',
      'booth_webhooks_disabled',
      'booth_webhooks_queue_length',
    ];
    expect(own.filter((name) => !asked.has(name)).toSorted()).toEqual(notShown);
  });

  it('use the data source that is provisioned', () => {
    const { datasources } = parse(file('grafana/provisioning/datasources/prometheus.yaml')) as {
      datasources: { uid: string }[];
    };
    const used = dashboard.panels.flatMap(({ targets }) => targets.map(({ datasource }) => datasource.uid));
    expect([...new Set(used)]).toEqual(datasources.map(({ uid }) => uid));
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  });

  it('tell how bad it is, and in a sentence what', () => {
    for (const { labels, annotations } of alerts) {
      expect(labels.severity).toMatch(/^(warning|critical)$/);
      expect(annotations.summary.length).toBeGreaterThan(20);
    }
  });
});
