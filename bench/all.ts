/** All benchmarks, in the order in which they run. */
import type { Bench } from './bench.ts';
import { capacityBench } from './capacity.ts';
import { captionsBench } from './captions.ts';
import { clusterBench } from './cluster.ts';
import { connectionsBench } from './connections.ts';
import { costBench } from './cost.ts';
import { delayBench } from './delay.ts';
import { engineBench } from './engine.ts';
import { floorBench } from './floor.ts';
import { growthBench } from './growth.ts';
import { lagBench } from './lag.ts';
import { lossBench } from './loss.ts';
import { packetBench } from './packet.ts';
import { picturesBench } from './pictures.ts';
import { pluginBench } from './plugin.ts';
import { quietBench } from './quiet.ts';
import { roomsBench } from './rooms.ts';
import { soakBench } from './soak.ts';
import { widgetBench } from './widget.ts';

export const benches: readonly Bench[] = [
  delayBench,
  lagBench,
  captionsBench,
  lossBench,
  costBench,
  connectionsBench,
  picturesBench,
  engineBench,
  quietBench,
  widgetBench,
  pluginBench,
  packetBench,
  floorBench,
  capacityBench,
  growthBench,
  roomsBench,
  clusterBench,
  soakBench,
];
