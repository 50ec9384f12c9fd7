/**
 * A link as a QR code: its size in modules, and an SVG path of the dark ones. The encoder is loaded on demand, because most pages never
 * show one.
 */
export interface QrCode {
  size: number;
  path: string;
}

export async function qrCode(link: string): Promise<QrCode> {
  const { create } = await import('qrcode');
  const { size, data } = create(link, { errorCorrectionLevel: 'L' }).modules;
  const dots = Array.from(data, (dark, i) => (dark ? `M${i % size} ${Math.floor(i / size)}h1v1h-1z` : ''));
  return { size, path: dots.join('') };
}

/** Whether a link names this computer itself, so that it would not work on another device. */
export const isLocal = (link: string) => /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(link).hostname);
