/**
 * Opens a link in the person's browser. A link that lets somebody in is not named on a command line, which every user of the computer can
 * read: the browser opens a file, which its owner alone can read and which leads to the link.
 */
import { spawn } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * @param folder where the file is put
 * @returns how to remove the file, once it is of no more use
 *
 * @example
 * const page = await openInBrowser(link, settings.dataDir);
 * await page.remove();
 */
export async function openInBrowser(link: string, folder: string): Promise<{ remove(): Promise<void> }> {
  const path = join(folder, 'open.html');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await rm(path, { force: true });
  // JSON is JavaScript; a link has no character that ends a script.
  await writeFile(path, `<!doctype html><script>location.replace(${JSON.stringify(link)})</script>\n`, { mode: 0o600 });
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
  // A browser needs more of the environment than other programs, but none of the settings of this one.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(BOOTH|DASHSCOPE)_/.test(name)));
  spawn(opener, [path], { env, stdio: 'ignore', detached: true })
    .on('error', () => console.error(`The browser could not be opened (${opener}): open the link above.`))
    .unref();
  return { remove: () => rm(path, { force: true }) };
}
