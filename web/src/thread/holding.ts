/** Keeps what is read where it stands, while what is above or around it changes. */

/** Note the first tweet in sight; the function that is returned scrolls so that it stands there again. */
export function holdPlace(root: HTMLElement): () => void {
  const header = root.getBoundingClientRect().top + scrollY;
  const row = [...root.querySelectorAll<HTMLElement>("[data-focus], article")].find(
    (one) => one.getBoundingClientRect().bottom > Math.min(header, 120),
  );
  const top = row?.getBoundingClientRect().top;
  return () => {
    if (row?.isConnected && top !== undefined) scrollTo(row, top);
  };
}

/** Keep the focused tweet where it first stood, whatever grows above it, until the reader moves. Returns how to end that. */
export function keepFocused(root: HTMLElement): () => void {
  let top: number | undefined;
  const watching = new ResizeObserver(() => {
    const focused = root.querySelector<HTMLElement>("[data-focus]");
    if (!focused) return;
    if (top === undefined) top = focused.getBoundingClientRect().top;
    else scrollTo(focused, top);
  });
  watching.observe(root);
  const moves = ["wheel", "touchstart", "pointerdown", "keydown"] as const;
  const end = (): void => {
    watching.disconnect();
    for (const move of moves) removeEventListener(move, end);
  };
  for (const move of moves) addEventListener(move, end, { passive: true });
  return end;
}

function scrollTo(row: HTMLElement, top: number): void {
  const moved = row.getBoundingClientRect().top - top;
  if (moved !== 0) scrollBy({ top: moved, behavior: "instant" });
}
