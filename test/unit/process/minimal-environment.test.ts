import { expect, it } from 'vitest';
import { minimalEnvironment } from '../../../process/minimal-environment.ts';

it('a child process gets what programs need, what is named, and no secret of this process or of others', () => {
  const environment = {
    PATH: '/bin',
    HOME: '/home/jane',
    LC_ALL: 'C.UTF-8',
    BOOTH_SECRET: 'signs tokens',
    BOOTH_TOKEN: 'lets in',
    BOOTH_CACHE_DIR: '/cache',
    DASHSCOPE_API_KEY: 'sk-1',
    AWS_SECRET_ACCESS_KEY: 'of another program',
    TZ: undefined,
  };
  const system = { PATH: '/bin', HOME: '/home/jane', LC_ALL: 'C.UTF-8' };
  expect(minimalEnvironment(environment)).toEqual(system);
  expect(minimalEnvironment(environment, ['BOOTH_CACHE_DIR', 'BOOTH_LOG_LEVEL'])).toEqual({
    ...system,
    BOOTH_CACHE_DIR: '/cache',
  });
});
