import { describe, expect, it } from 'vitest';
import { downloaded, ofSources } from '../../../engine/setup/apt.mjs';
import { isLibrary, packageOf, versionOf } from '../../../engine/setup/debian.mjs';
import { relocated, withOptions } from '../../../engine/setup/engine.mjs';
import { sentences } from '../../../scripts/setup/speech.mjs';
import { compiled, edited } from '../../../scripts/setup/worker-build.mjs';

describe('apt', () => {
  it('gets source lists from the package lists, in both formats', () => {
    expect(ofSources('Types: deb\nURIs: http://mirror/debian\nSuites: bookworm')).toBe(
      'Types: deb-src\nURIs: http://mirror/debian\nSuites: bookworm',
    );
    expect(ofSources('# deb is a word\ndeb [arch=amd64] http://mirror x main\ndeb-src http://mirror x main')).toBe(
      '# deb is a word\ndeb-src [arch=amd64] http://mirror x main\ndeb-src http://mirror x main',
    );
  });

  it('reports the progress of a download', () => {
    expect(downloaded('dlstatus:3:41.7:Retrieving file 4 of 9 (2s remaining)')).toBe(42);
    expect(downloaded('Get:4 http://mirror/debian bookworm/main amd64 g++')).toBeUndefined();
  });
});

describe('Debian’s packages', () => {
  it('have their name and version in the name of their file', () => {
    expect(packageOf('libc6_2.36-9+deb12u10_amd64.deb')).toBe('libc6');
    expect(versionOf('libc6_2.36-9+deb12u10_amd64.deb')).toBe('2.36-9+deb12u10');
    expect(versionOf('g++_4%3a12.2.0-3_amd64.deb')).toBe('4:12.2.0-3');
  });

  it.each([
    ['libicui18n.so.72.1', true],
    ['libpulsecommon-16.1.so', true],
    ['libstdc++.so.6', true],
    ['liblto_plugin.so', true],
    ['_ssl.cpython-311-x86_64-linux-gnu.so', false],
    ['libssl.a', false],
    ['libm.so.py', false],
  ])('hold a library in %s: %s', (name, expected) => {
    expect(isLibrary(name)).toBe(expected);
  });
});

describe('the engine’s parts', () => {
  it('have wider search options than the model’s own', () => {
    expect(withOptions('--min-active=200\n--beam=10.0\n', { beam: '13.0' })).toBe('--min-active=200\n--beam=13.0\n');
  });

  it('have the paths of their data moved to the cache folder', () => {
    expect(relocated("lt-proc '/usr/share/apertium/a.bin' | lrx-proc -m '/usr/share/apertium/b.bin'", '/cache')).toBe(
      "lt-proc '/cache/usr/share/apertium/a.bin' | lrx-proc -m '/cache/usr/share/apertium/b.bin'",
    );
  });
});

describe('recorded sentences', () => {
  it('are the prompts of a whole sentence, without digits and noises', () => {
    const transcript = [
      '; Core sounds',
      'conf-invalid: That is not a  valid conference number. ',
      'beep: [this is a simple beep tone]',
      'activated: Activated.',
      'at-tone: At the sound of the tone, the time will be...',
      'press: Please press 1 to mute yourself now.',
      'part: to decrease the volume of the others.',
    ].join('\n');
    expect(sentences(transcript)).toEqual([['conf-invalid', 'That is not a valid conference number.']]);
  });
});

describe('the media worker’s build', () => {
  it('reports its progress', () => {
    expect(compiled('[93/279] Compiling C++ object a.o')).toBe(33);
    expect(compiled('ninja: Entering directory `build`')).toBeUndefined();
  });

  it('stops where a source has another checksum', () => {
    expect(edited('a == b', 'a == b', 'a & b', 'x.cpp')).toBe('a & b');
    expect(() => edited('something else', 'a == b', 'a & b', 'x.cpp')).toThrow(/another x\.cpp/);
  });
});
