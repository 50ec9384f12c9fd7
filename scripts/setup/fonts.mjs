/** The configuration of fontconfig for a program that was unpacked and not installed: the fonts that were unpacked with it. */
export const fontsConfiguration = (/** @type {string} */ root) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>${root}/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`;
