/** The average colour of a picture, from its BlurHash: https://github.com/woltapp/blurhash/blob/master/Algorithm.md */
const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~";

/** Return the colour as CSS writes it, or nothing when there is no hash. */
export function averageColor(hash: string | null | undefined): string | undefined {
  if (!hash || hash.length < 6) return undefined;
  let value = 0;
  for (const character of hash.slice(2, 6)) value = value * 83 + digits.indexOf(character);
  return `#${value.toString(16).padStart(6, "0").slice(-6)}`;
}
