/** The manifests in deploy/kubernetes: objects that Kubernetes knows, which fit together, with settings that Booth has. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { configuration } from '../../../config/schema.ts';
import { repository } from '../../../scripts/places.mjs';
import { limits } from '../../../server/limits.ts';

interface Container {
  name: string;
  args?: string[];
  env?: { name: string; value?: string; valueFrom?: ValueFrom }[];
  envFrom?: { configMapRef: { name: string } }[];
  ports?: { name: string; containerPort: number; hostPort?: number; protocol?: string }[];
  lifecycle?: { preStop: { exec: { command: string[] } } };
  readinessProbe: { httpGet?: { path: string } };
}
interface ValueFrom {
  secretKeyRef?: { name: string; key: string };
  fieldRef?: { fieldPath: string };
}
type Labels = Record<string, string>;
interface Manifest {
  kind: string;
  metadata: { name: string; labels?: Labels };
  data?: Labels;
  stringData?: Labels;
  spec: {
    selector?: { matchLabels: Labels } | Labels;
    serviceName?: string;
    maxUnavailable?: number;
    scaleTargetRef?: { kind: string; name: string };
    metrics?: { pods: { metric: { name: string } } }[];
    rules?: { host: string; http: { paths: { path: string; backend: { service: { name: string } } }[] } }[];
    tls?: { hosts: string[] }[];
    template: { metadata: { labels: Labels }; spec: PodSpec };
  };
}
interface PodSpec {
  terminationGracePeriodSeconds: number;
  containers: Container[];
}

const folder = join(repository, 'deploy/kubernetes');
const text = (name: string): string => readFileSync(join(folder, name), 'utf8');
const files = readdirSync(folder).filter((name) => name !== 'kustomization.yaml');
const manifests = files.flatMap((name) =>
  parseAllDocuments(text(name)).map((document) => {
    expect(document.errors, name).toEqual([]);
    return document.toJS() as Manifest;
  }),
);
const defaults = readFileSync(join(repository, 'config/default.yaml'), 'utf8');

const named = (kind: string, name: string): Manifest => {
  const found = manifests.find((one) => one.kind === kind && one.metadata.name === name);
  if (!found) throw new Error(`no ${kind} ${name}`);
  return found;
};
const ofKind = (kind: string): Manifest[] => manifests.filter((one) => one.kind === kind);
const [nodes, workers] = [named('StatefulSet', 'booth-node'), named('Deployment', 'booth-worker')];
const containerOf = ({ spec }: Manifest): Container => {
  const [container] = spec.template.spec.containers;
  if (!container) throw new Error('no container');
  return container;
};

/** What Kubernetes puts into the environment of a container, for the first pod of its kind. */
function environmentOf(manifest: Manifest): Record<string, string> {
  const { env = [], envFrom = [] } = containerOf(manifest);
  const all: Record<string, string> = {};
  for (const { configMapRef } of envFrom) Object.assign(all, named('ConfigMap', configMapRef.name).data);
  const fields: Record<string, string> = {
    'metadata.name': `${manifest.metadata.name}-0`,
    'status.hostIP': '192.0.2.7',
  };
  const secretOf = (ref: { name: string; key: string }) => named('Secret', ref.name).stringData?.[ref.key];
  for (const { name, value, valueFrom } of env) {
    const given = valueFrom?.secretKeyRef
      ? secretOf(valueFrom.secretKeyRef)
      : fields[valueFrom?.fieldRef?.fieldPath ?? ''];
    const filledIn = value?.replaceAll(/\$\((\w+)\)/g, (_, other: string) => all[other] ?? '') ?? given;
    if (filledIn === undefined) throw new Error(`${manifest.metadata.name}: nothing is there for ${name}`);
    all[name] = filledIn;
  }
  return all;
}

const configurationOf = (manifest: Manifest, more: Record<string, string> = {}) =>
  configuration(
    defaults,
    Object.fromEntries(
      Object.entries({ ...environmentOf(manifest), ...more }).filter(([name]) => /^BOOTH_/.test(name)),
    ),
  );
const secret = { BOOTH_SECRET: 'x'.repeat(32) };

const schemas = JSON.parse(readFileSync(join(repository, 'test/fixtures/kubernetes/schemas.json'), 'utf8')) as {
  kinds: Record<string, object>;
  definitions: object;
};
const ajv = new Ajv({ strict: false });
const problemsOf = (manifest: { kind: string }): unknown => {
  const schema = schemas.kinds[manifest.kind];
  if (!schema) return `no schema of ${manifest.kind}`;
  const validate = ajv.compile({ ...schema, definitions: schemas.definitions });
  return validate(manifest) ? undefined : validate.errors;
};

describe('the manifests', () => {
  it('are objects that Kubernetes knows, with no field that it does not', () => {
    expect(manifests.length).toBeGreaterThan(15);
    for (const manifest of manifests)
      expect(problemsOf(manifest), `${manifest.kind} ${manifest.metadata.name}`).toBeUndefined();
    const typo = structuredClone(workers) as unknown as Record<string, Record<string, unknown>>;
    if (typo.spec) typo.spec.replica = 2;
    expect(problemsOf(typo as unknown as Manifest)).toMatchObject([{ params: { additionalProperty: 'replica' } }]);
    const { selector: _, ...spec } = workers.spec;
    expect(problemsOf({ ...workers, spec } as Manifest)).toMatchObject([{ keyword: 'required' }]);
  });

  it('are all applied', () => {
    const { resources } = parse(text('kustomization.yaml')) as { resources: string[] };
    expect(resources.toSorted()).toEqual(files.toSorted());
  });

  it('select pods that there are', () => {
    const pods = [...ofKind('StatefulSet'), ...ofKind('Deployment')].map(({ spec }) => spec.template.metadata.labels);
    const fits = (labels: Labels) =>
      pods.some((pod) => Object.entries(labels).every(([key, value]) => pod[key] === value));
    const selectors = [
      ...ofKind('Service'),
      ...ofKind('PodDisruptionBudget'),
      ...ofKind('StatefulSet'),
      ...ofKind('Deployment'),
    ]
      .map(({ metadata, spec: { selector } }) => ({
        name: metadata.name,
        labels: (selector && 'matchLabels' in selector ? selector.matchLabels : selector) as Labels | undefined,
      }))
      .filter(({ name }) => name !== 'nothing' && !/^booth-node-\d$/.test(name));
    expect(selectors.length).toBeGreaterThan(6);
    for (const { name, labels } of selectors) expect(labels && fits(labels), name).toBe(true);
    for (const budget of ofKind('PodDisruptionBudget')) expect(budget.spec.maxUnavailable).toBe(1);
  });
});

describe('the room nodes', () => {
  it('have settings that there are, and each a name of its own that leads to it', () => {
    const config = configurationOf(nodes, secret);
    expect(config).toMatchObject({
      node: { url: 'https://booth-node-0.meet.example.org' },
      interpreter: { placement: 'workers' },
      transcript: { folder: '/transcripts' },
      rtc: { announcedAddress: '192.0.2.7' },
    });
    const [{ rules = [], tls } = { rules: [] }] = ofKind('Ingress').map(({ spec }) => spec);
    const backends = new Map(
      rules.map(({ host, http }) => [host, http.paths.find(({ path }) => path === '/')?.backend.service.name]),
    );
    expect(backends.get(new URL(config.publicUrl).host)).toBe('booth');
    for (const name of ['booth-node-0', 'booth-node-1']) {
      expect(backends.get(`${name}.meet.example.org`)).toBe(name);
      expect(named('Service', name).spec.selector).toEqual({ 'statefulset.kubernetes.io/pod-name': name });
    }
    expect(tls?.flatMap(({ hosts }) => hosts).toSorted()).toEqual([...backends.keys()].toSorted());
    for (const { http } of rules)
      expect(http.paths.filter(({ backend }) => backend.service.name === 'nothing').map(({ path }) => path)).toEqual([
        '/metrics',
        '/readyz',
      ]);
  });

  it('do not start with the secret of the example', () => {
    expect(() => configurationOf(nodes)).toThrow(/BOOTH_SECRET|secret/);
  });

  it('take one port of the machine for each media worker, by UDP and TCP', () => {
    const { rtc } = configurationOf(nodes, secret);
    const ports = containerOf(nodes).ports?.filter(({ hostPort }) => hostPort !== undefined) ?? [];
    for (const { containerPort, hostPort } of ports) expect(hostPort).toBe(containerPort);
    for (const wanted of ['UDP', 'TCP']) {
      const numbers = ports.filter(({ protocol }) => protocol === wanted).map(({ hostPort }) => hostPort);
      expect(numbers).toEqual(Array.from({ length: rtc.workers }, (_, i) => rtc.port + i));
    }
  });

  it('have more time to stop than their rooms and people are waited for', () => {
    const [, pause] = containerOf(nodes).lifecycle?.preStop.exec.command ?? [];
    const needed = Number(pause) * 1000 + limits.pauseForMoveMs + limits.comeBackMs + 3 * limits.closeMs;
    expect(nodes.spec.template.spec.terminationGracePeriodSeconds * 1000).toBeGreaterThan(needed);
    expect(containerOf(nodes).readinessProbe.httpGet?.path).toBe('/readyz');
  });
});

describe('the workers', () => {
  it('have settings that there are, and more time to stop than they take', () => {
    const { worker, redis } = configurationOf(workers);
    expect(redis.url).toMatch(/^redis:/);
    expect(containerOf(workers).args).toEqual(['worker']);
    expect(containerOf(workers).ports).toEqual([{ name: 'http', containerPort: worker.port }]);
    expect(workers.spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(worker.drainSeconds + 10);
  });

  it('are as many as a metric of theirs asks for', () => {
    const [scaler] = ofKind('HorizontalPodAutoscaler');
    expect(scaler?.spec.scaleTargetRef).toMatchObject({ kind: workers.kind, name: workers.metadata.name });
    const metrics = scaler?.spec.metrics?.map(({ pods }) => pods.metric.name) ?? [];
    const counted = readFileSync(join(repository, 'cluster/worker-endpoint.ts'), 'utf8');
    expect(metrics).toEqual(['booth_worker_load_ratio']);
    for (const name of metrics) expect(counted).toContain(`'${name}'`);
    // Else each time that they are applied there would be as many as the manifest says.
    expect(workers.spec).not.toHaveProperty('replicas');
  });
});
